import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { batchIdentitySet } from './batch-identity-set.ts'
import { identitySet } from './identity-set.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

// Few distinct bytes, so that repeats, near misses and all zeros are common.
const identity = fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 })
const added = fc.record({ bytes: identity, owner: fc.nat(3) })

it('knows exactly the identities that were added to each owner, in their order', () => {
  fc.assert(
    fc.property(fc.array(added, { maxLength: 200 }), fc.nat(3), fc.nat(9), (all, before, seed) => {
      const set = identitySet(seed)
      // What was cleared leaves nothing behind.
      for (const round of [all, all.toReversed()]) {
        const known = Array.from({ length: 4 }, () => new Set<string>())
        for (const { bytes, owner } of round) {
          const buffer = Uint8Array.from([...new Uint8Array(before), ...bytes])
          expect(set.add(buffer, before, owner)).toBe(!known[owner]!.has(hex(bytes)))
          known[owner]!.add(hex(bytes))
          expect(set.size()).toBe(known.reduce((sum, { size }) => sum + size, 0))
        }
        expect(set.byOwner(4).map(hex)).toEqual(known.map((own) => [...own].join('')))
        set.clear()
        expect(set.size()).toBe(0)
      }
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
      if (set.add(bytes, 0, i % 7)) added++
    }
    return added
  }
  expect([addAll(), addAll(), set.size()]).toEqual([50_000, 0, 50_000])
  set.clear()
  expect(addAll()).toBe(50_000)
})

const batchEvent = fc.record({
  batch: fc.nat(20),
  owner: fc.nat(2),
  index: fc.oneof(fc.nat(40), fc.nat(65_535)),
  spare: fc.nat(3000),
})

it('knows exactly the batch events that were added, also where a batch id comes back longer', () => {
  fc.assert(
    fc.property(fc.array(batchEvent, { maxLength: 200 }), (events) => {
      const set = batchIdentitySet()
      for (const round of [events, events.toReversed()]) {
        const known = [0, 1, 2].map(() => new Map<number, Set<number>>())
        let size = 0
        for (const { batch, owner, index, spare } of round) {
          const bytes = new Uint8Array(18).fill(batch)
          const indexes = known[owner]!.get(batch) ?? new Set()
          const isNew = !indexes.has(index)
          expect(set.add(bytes, 2, owner, index, index + 1 + spare)).toBe(isNew)
          known[owner]!.set(batch, indexes.add(index))
          if (isNew) size++
          expect(set.size()).toBe(size)
        }
        const saved = set
          .byOwner(3)
          .map((own) => own.map(({ batchId, bits }) => [batchId[0], indexesOf(bits)]))
        expect(saved).toEqual(
          known.map((own) =>
            [...own].map(([batch, indexes]) => [batch, [...indexes].sort((a, b) => a - b)]),
          ),
        )
        set.clear()
        expect(set.size()).toBe(0)
        expect(set.byOwner(3)).toEqual([[], [], []])
      }
    }),
  )
})

it('adds a range of a batch when all of it is new, and otherwise nothing', () => {
  const range = fc
    .tuple(fc.nat(2), fc.nat(130), fc.integer({ min: 1, max: 100 }))
    .map(([batch, from, length]) => ({ batch, from, to: from + length }))
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), (ranges) => {
      const set = batchIdentitySet()
      const plain = batchIdentitySet()
      const known = new Set<string>()
      for (const { batch, from, to } of ranges) {
        const bytes = new Uint8Array(16).fill(batch)
        const indexes = Array.from({ length: to - from }, (_, i) => from + i)
        const isNew = indexes.every((index) => !known.has(`${batch} ${index}`))
        expect(set.addAll(bytes, 0, 0, from, to, 230)).toBe(isNew)
        if (isNew)
          for (const index of indexes) {
            known.add(`${batch} ${index}`)
            plain.add(bytes, 0, 0, index, 230)
          }
        expect(set.size()).toBe(known.size)
      }
      expect(set.byOwner(1)).toEqual(plain.byOwner(1))
    }),
  )
  expect(() => batchIdentitySet().addAll(new Uint8Array(16), 0, 0, 1, 1, 3)).toThrow(/1 to 1 of 3/)
})

const indexesOf = (bits: Uint32Array): readonly number[] =>
  [...bits].flatMap((word, i) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((word >>> bit) & 1) === 1)
      .map((bit) => 32 * i + bit),
  )

it('refuses an index beyond the batch', () => {
  expect(() => batchIdentitySet().add(new Uint8Array(16), 0, 0, 3, 3)).toThrow(/index 3 of 3/)
})
