/** A CRC-64-AVRO as two 32-bit words, so that comparing two of them takes no BigInt. */
export type Fingerprint = { readonly high: number; readonly low: number }

/**
 * CRC-64-AVRO of the UTF-8 bytes of a schema's parsing canonical form (Avro specification 1.12, "Schema Fingerprints"). Making the
 * canonical form is the codec's matter.
 */
export const crc64Avro = (canonicalForm: Uint8Array): Fingerprint => {
  let { high, low } = emptyFingerprint
  for (const byte of canonicalForm) {
    const index = 2 * ((low ^ byte) & 0xff)
    low = (low >>> 8) | (high << 24)
    high = (high >>> 8) ^ table[index]!
    low ^= table[index + 1]!
  }
  return { high: high >>> 0, low: low >>> 0 }
}

/** 16 hexadecimal digits, the highest first. */
export const fingerprintHex = ({ high, low }: Fingerprint): string => hex(high) + hex(low)

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

/** The polynomial, and the fingerprint of nothing: 0xc15d213aa4d7a795. */
const emptyFingerprint: Fingerprint = { high: 0xc15d213a, low: 0xa4d7a795 }

/** For each byte the high word, then the low one. */
const fingerprintTable = (): Int32Array => {
  const words = new Int32Array(2 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let high = 0
    let low = byte
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1
      low = (low >>> 1) | (high << 31)
      high >>>= 1
      if (carry === 1) {
        high ^= emptyFingerprint.high
        low ^= emptyFingerprint.low
      }
    }
    words[2 * byte] = high
    words[2 * byte + 1] = low
  }
  return words
}

const table = fingerprintTable()
