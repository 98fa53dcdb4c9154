// The pieces that requests of Kafka's protocol are made of. "Compact" ones are those of newer versions: lengths are one more than they
// say, as unsigned varints, and every structure ends in tagged fields, of which there are none here.

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeInt16BE(value)
  return bytes
}

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const int64 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

export const nullableString = (text: string | null): Buffer =>
  text === null
    ? int16(-1)
    : Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text, 'utf8')])

export const compactString = (text: string | null): Buffer =>
  text === null
    ? unsignedVarint(0)
    : Buffer.concat([unsignedVarint(Buffer.byteLength(text) + 1), Buffer.from(text, 'utf8')])

export const compactArray = (items: readonly Uint8Array[]): Buffer =>
  Buffer.concat([unsignedVarint(items.length + 1), ...items])

export const noTaggedFields: Buffer = Buffer.of(0)

const unsignedVarint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** Walks an answer. Reading past its end throws a RangeError. */
export type AnswerReader = {
  readonly int16: () => number
  readonly int32: () => number
  readonly int64: () => number
  readonly string: () => string
  readonly compactString: () => string
  readonly compactLength: () => number
  /** Passes over tagged fields, whatever they hold. */
  readonly taggedFields: () => void
}

export const answerReader = (raw: Uint8Array): AnswerReader => {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length)
  let at = 0
  const take = (length: number): number => {
    const start = at
    at += length
    if (at > bytes.length) throw new RangeError(`answer: ${bytes.length} bytes, ${at} expected`)
    return start
  }
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[take(1)]!
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  const text = (length: number): string => {
    const start = take(Math.max(0, length))
    return bytes.toString('utf8', start, at)
  }
  const reader: AnswerReader = {
    int16: () => bytes.readInt16BE(take(2)),
    int32: () => bytes.readInt32BE(take(4)),
    int64: () => Number(bytes.readBigInt64BE(take(8))),
    string: () => text(reader.int16()),
    compactString: () => text(varint() - 1),
    compactLength: () => varint() - 1,
    taggedFields: () => {
      for (let fields = varint(); fields > 0; fields--) {
        varint()
        take(varint())
      }
    },
  }
  return reader
}
