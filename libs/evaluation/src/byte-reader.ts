/** A place in bytes that a `ByteWriter` wrote; anything else is a RangeError. */
export type ByteReader = { readonly bytes: Uint8Array; at: number }

export const byteReader = (bytes: Uint8Array): ByteReader => ({ bytes, at: 0 })

export const takeInteger = (reader: ByteReader): number => {
  const { bytes } = reader
  const first = bytes[reader.at++]
  if (first !== undefined && first < 128) return first
  let value = (first ?? 0) & 127
  for (let scale = 128; first !== undefined; scale *= 128) {
    const byte = bytes[reader.at++]
    if (byte === undefined || scale > 2 ** 49) break
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
  throw new RangeError(`bytes: an integer at ${reader.at - 1} does not end`)
}

export const takeSigned = (reader: ByteReader): number => {
  const value = takeInteger(reader)
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}

/** A view, for what is read stays as it is. */
export const takeBytes = (reader: ByteReader, count: number): Uint8Array => {
  const end = reader.at + count
  if (end > reader.bytes.length)
    throw new RangeError(`bytes: ${count} at ${reader.at}, ${reader.bytes.length} there`)
  const bytes = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return bytes
}

export const expectEnd = ({ bytes, at }: ByteReader): void => {
  if (at !== bytes.length) throw new RangeError(`bytes: ${bytes.length - at} too many`)
}
