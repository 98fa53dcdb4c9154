// Two codecs that Node has not, as far as a producer needs them: what they hold is stored, not packed.

/** Raw Snappy: the length, then literals. */
export const snappyStored = (bytes: Uint8Array): Uint8Array => {
  const parts: Uint8Array[] = [varint(bytes.length)]
  for (let at = 0; at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536)
    const length = piece.length - 1
    parts.push(Uint8Array.of(61 << 2, length & 0xff, length >> 8), piece)
  }
  return Buffer.concat(parts)
}

/** An LZ4 frame of independent blocks that are stored; the byte that closes the header is its checksum. */
export const lz4Stored = (bytes: Uint8Array): Uint8Array => {
  const parts: Uint8Array[] = [Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82)]
  for (let at = 0; at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536)
    const size = Buffer.alloc(4)
    size.writeUInt32LE((piece.length | 0x8000_0000) >>> 0)
    parts.push(size, piece)
  }
  return Buffer.concat([...parts, Buffer.alloc(4)])
}

const varint = (value: number): Uint8Array => {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Uint8Array.from([...bytes, rest])
}
