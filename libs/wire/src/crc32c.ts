/**
 * CRC-32C (Castagnoli, reflected polynomial 0x82f63b78) of `bytes[start, end)`, as Kafka puts it into a record batch. Eight bytes a
 * turn (slicing-by-8), since a reader checks every byte that it takes from the log.
 */
export const crc32c = (bytes: Uint8Array, start = 0, end = bytes.length): number => {
  let crc = -1
  let at = start
  for (; at + 8 <= end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      tables[0x700 | (crc & 0xff)]! ^
      tables[0x600 | ((crc >>> 8) & 0xff)]! ^
      tables[0x500 | ((crc >>> 16) & 0xff)]! ^
      tables[0x400 | (crc >>> 24)]! ^
      tables[0x300 | bytes[at + 4]!]! ^
      tables[0x200 | bytes[at + 5]!]! ^
      tables[0x100 | bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}

const polynomial = 0x82f63b78

/** Table k holds, at 256 k + b, what byte b contributes when k more bytes follow it. */
const slicingTables = (): Int32Array => {
  const table = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    table[byte] = crc
  }
  for (let i = 256; i < table.length; i++) {
    const previous = table[i - 256]!
    table[i] = (previous >>> 8) ^ table[previous & 0xff]!
  }
  return table
}

const tables = slicingTables()
