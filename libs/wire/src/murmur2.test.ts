import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { murmur2, partitionOf } from './murmur2.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('gives the value of the Java client for %s', (key, expected) => {
  expect(murmur2(utf8(key))).toBe(expected)
  expect(partitionOf(utf8(key), 7)).toBe((expected & 0x7fff_ffff) % 7)
})

it('equals the algorithm written out in unbounded integers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (key) => {
      expect(BigInt.asUintN(32, BigInt(murmur2(key)))).toBe(plain(key))
    }),
  )
})

it('names a partition that exists', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 1024 }), (key, partitions) => {
      const partition = partitionOf(key, partitions)
      expect(Number.isInteger(partition)).toBe(true)
      expect(partition).toBeGreaterThanOrEqual(0)
      expect(partition).toBeLessThan(partitions)
    }),
  )
})

const u32 = (value: bigint): bigint => BigInt.asUintN(32, value)

const plain = (key: Uint8Array): bigint => {
  const m = 0x5bd1e995n
  const words = Math.floor(key.length / 4)
  const view = new DataView(key.buffer, key.byteOffset, key.length)
  let h = u32(0x9747b28cn ^ BigInt(key.length))
  for (let i = 0; i < words; i++) {
    let k = u32(BigInt(view.getUint32(4 * i, true)) * m)
    k = u32((k ^ (k >> 24n)) * m)
    h = u32(h * m) ^ k
  }
  const tail = key.subarray(4 * words)
  if (tail.length > 0) {
    const word = tail.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    h = u32((h ^ word) * m)
  }
  h = u32((h ^ (h >> 13n)) * m)
  return h ^ (h >> 15n)
}
