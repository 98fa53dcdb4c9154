/** Bytes that grow as they are written; owned by whoever made it. */
export type ByteWriter = { bytes: Uint8Array; at: number }

export const byteWriter = (): ByteWriter => ({ bytes: new Uint8Array(4096), at: 0 })

export const written = ({ bytes, at }: ByteWriter): Uint8Array => bytes.slice(0, at)

const integerBytesMax = 8

/** An integer of 0 to 2^53 - 1, in groups of seven bits, the lowest first. */
export const putInteger = (writer: ByteWriter, value: number): void => {
  makeRoom(writer, integerBytesMax)
  const { bytes } = writer
  let rest = value
  // Divisions, for 32-bit shifts would cut what is above 2^31.
  while (rest > 0x7fff_ffff) {
    bytes[writer.at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  while (rest > 127) {
    bytes[writer.at++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[writer.at++] = rest
}

/** Of small magnitude, negative ones too, in few bytes. */
export const putSigned = (writer: ByteWriter, value: number): void =>
  putInteger(writer, value < 0 ? -2 * value - 1 : 2 * value)

export const putBytes = (
  writer: ByteWriter,
  bytes: Uint8Array,
  from = 0,
  to = bytes.length,
): void => {
  makeRoom(writer, to - from)
  writer.at += to - from
  // Measured: a view of so few bytes takes longer than to copy them one by one.
  if (to - from > copiedMax) writer.bytes.set(bytes.subarray(from, to), writer.at - (to - from))
  else for (let i = from; i < to; i++) writer.bytes[writer.at - to + i] = bytes[i]!
}
const copiedMax = 300

export const makeRoom = (writer: ByteWriter, count: number): void => {
  if (writer.at + count <= writer.bytes.length) return
  const wider = new Uint8Array(2 * (writer.bytes.length + count))
  wider.set(writer.bytes)
  writer.bytes = wider
}
