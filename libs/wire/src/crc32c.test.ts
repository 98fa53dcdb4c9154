import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { crc32c } from './crc32c.ts'

it('gives the published values of RFC 3720, B.4', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  expect(crc32c(ascending)).toBe(0x46dd794e)
  expect(crc32c(ascending.toReversed())).toBe(0x113fdb5c)
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(0))).toBe(0)
})

it('equals division bit by bit over any range', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, a, b) => {
      const start = Math.min(a, b, bytes.length)
      const end = Math.min(Math.max(a, b), bytes.length)
      expect(crc32c(bytes, start, end)).toBe(bitwise(bytes.subarray(start, end)))
    }),
  )
})

it('equals it over ranges of several thousand bytes, too, wherever these lie in memory', () => {
  const bytes = new Uint8Array(12_345).subarray(3)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i + 1, 0x9e3779b1) >>> 15
  for (const start of [0, 1, 6])
    for (const length of [3071, 3072, 3073, 3079, 3080, 6143, 6144, 9999, 12_300])
      expect(crc32c(bytes, start, start + length)).toBe(
        bitwise(bytes.subarray(start, start + length)),
      )
})

const bitwise = (bytes: Uint8Array): number => {
  let crc = 0xffff_ffff
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const carry = (crc ^ (byte >>> bit)) & 1
      crc = (crc >>> 1) ^ (carry === 1 ? 0x82f63b78 : 0)
    }
  return ~crc >>> 0
}
