import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { batchIdentitySet } from './batch-identity-set.ts'
import { identitySet } from './identity-set.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

// Few distinct bytes, so that repeats, near misses and all zeros are common.
const identity = fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 })

it('knows exactly the identities that were added, in their order', () => {
  fc.assert(
    fc.property(fc.array(identity, { maxLength: 200 }), fc.nat(3), (identities, before) => {
      const set = identitySet()
      const known = new Set<string>()
      for (const bytes of identities) {
        const buffer = Uint8Array.from([...new Uint8Array(before), ...bytes])
        expect(set.add(buffer, before)).toBe(!known.has(hex(bytes)))
        known.add(hex(bytes))
        expect(set.size()).toBe(known.size)
      }
      expect(hex(set.toBytes())).toBe([...known].join(''))
      set.clear()
      expect(set.size()).toBe(0)
      if (identities[0] !== undefined) expect(set.add(identities[0], 0)).toBe(true)
    }),
  )
})

it('grows to hold many', () => {
  const set = identitySet()
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  const addAll = (): number => {
    let added = 0
    for (let i = 0; i < 50_000; i++) {
      // A counter in the first bytes, as in time-ordered UUIDs.
      view.setUint32(4, i)
      if (set.add(bytes, 0)) added++
    }
    return added
  }
  expect([addAll(), addAll(), set.size()]).toEqual([50_000, 0, 50_000])
})

const batchEvent = fc.record({
  batch: fc.nat(20),
  index: fc.oneof(fc.nat(40), fc.nat(65_535)),
  spare: fc.nat(3000),
})

it('knows exactly the batch events that were added, also where a batch id comes back longer', () => {
  fc.assert(
    fc.property(fc.array(batchEvent, { maxLength: 200 }), (events) => {
      const set = batchIdentitySet()
      const known = new Map<number, Set<number>>()
      let size = 0
      for (const { batch, index, spare } of events) {
        const bytes = new Uint8Array(18).fill(batch)
        const indexes = known.get(batch) ?? new Set()
        const isNew = !indexes.has(index)
        expect(set.add(bytes, 2, index, index + 1 + spare)).toBe(isNew)
        known.set(batch, indexes.add(index))
        if (isNew) size++
        expect(set.size()).toBe(size)
      }
      const saved = set.batches().map(({ batchId, bits }) => [batchId[0], indexesOf(bits)])
      expect(saved).toEqual(
        [...known].map(([batch, indexes]) => [batch, [...indexes].sort((a, b) => a - b)]),
      )
      set.clear()
      expect(set.size()).toBe(0)
      expect(set.batches()).toEqual([])
    }),
  )
})

const indexesOf = (bits: Uint32Array): readonly number[] =>
  [...bits].flatMap((word, i) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((word >>> bit) & 1) === 1)
      .map((bit) => 32 * i + bit),
  )

it('refuses an index beyond the batch', () => {
  expect(() => batchIdentitySet().add(new Uint8Array(16), 0, 3, 3)).toThrow(/index 3 of 3/)
})
