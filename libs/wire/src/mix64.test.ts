import { digestOf } from '@tidemark/model'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  addBatchEvents,
  addBatchIdentity,
  addIdentity,
  addIdentityWords,
  addSum64,
  idMix,
  openBatchMix,
  sum64,
} from './mix64.ts'

const identity = fc.uint8Array({ minLength: 16, maxLength: 16 })
const word = fc.integer({ min: 0, max: 0xffff_ffff })

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

const mixOf = (bytes: Uint8Array, index?: number): string => {
  const sum = sum64()
  if (index === undefined) addIdentity(sum, bytes, 0)
  else addBatchIdentity(sum, bytes, 0, index)
  return digestOf(sum.high, sum.low)
}

// Made with mmh3 for Python: '%016x' % mmh3.hash64(id + index, seed=0, x64arch=False, signed=False)[0]
it.each([
  {
    id: '00000000000000000000000000000000',
    alone: '6b2d3d275a4075d6',
    indexed: ['4bd3183148c48894', 'dff38de6da237a37', '1d3e8a759d7ca10b'],
  },
  {
    id: '000102030405060708090a0b0c0d0e0f',
    alone: '559180ee6c25c825',
    indexed: ['77db8a53b8be767c', '5899a0fd62719994', '623efa0b1b559a8d'],
  },
  {
    id: 'ffffffffffffffffffffffffffffffff',
    alone: 'c1b6da55a96d14e2',
    indexed: ['7f0fd15def055cc4', 'e9392861183a1907', '572856d8486ea0af'],
  },
  {
    id: '6f1c2d3e4f5061728394a5b6c7d8e9fa',
    alone: '488c73f82e416812',
    indexed: ['e1e762999de80525', 'b75ffae0d1790d4b', '830b0bcbd8db2b89'],
  },
])('gives what an independent MurmurHash3 gives for $id', ({ id, alone, indexed }) => {
  expect(mixOf(fromHex(id))).toBe(alone)
  expect([0, 1, 65_535].map((index) => mixOf(fromHex(id), index))).toEqual(indexed)
})

it('adds modulo 2^64', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 20 }), (words) => {
      const sum = sum64()
      for (const [high, low] of words) addSum64(sum, high, low)
      const expected = words.reduce(
        (total, [high, low]) => total + (BigInt(high) << 32n) + BigInt(low),
        0n,
      )
      expect(BigInt(`0x${digestOf(sum.high, sum.low)}`)).toBe(BigInt.asUintN(64, expected))
    }),
  )
})

it('sums to the same whatever the order, the cut and the place in a buffer', () => {
  fc.assert(
    fc.property(fc.array(identity), fc.nat(), (identities, cut) => {
      const whole = sum64()
      for (const bytes of identities) addIdentity(whole, bytes, 0)
      const buffer = Uint8Array.from(identities.toReversed().flatMap((bytes) => [...bytes]))
      const parts = [sum64(), sum64()] as const
      for (let i = 0; i < identities.length; i++)
        addIdentity(i < cut % (identities.length + 1) ? parts[0] : parts[1], buffer, 16 * i)
      addSum64(parts[0], parts[1].high, parts[1].low)
      expect(parts[0]).toEqual(whole)
    }),
  )
})

it('adds ranges of a batch, and identities in words, as it adds them one by one', () => {
  const range = fc.tuple(identity, fc.nat(65_000), fc.nat(500), word, word)
  fc.assert(
    fc.property(range, ([bytes, from, length, high, low]) => {
      const ranged = { high: high | 0, low: low | 0 }
      const single = { ...ranged }
      const mix = idMix()
      openBatchMix(mix, bytes, 0)
      addBatchEvents(ranged, mix, from, from + length)
      for (let index = from; index < from + length; index++)
        addBatchIdentity(single, bytes, 0, index)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const [a, b, c, d] = [0, 4, 8, 12].map((at) => view.getInt32(at, true))
      addIdentityWords(ranged, a!, b!, c!, d!)
      addIdentity(single, bytes, 0)
      expect(ranged).toEqual(single)
    }),
  )
})
