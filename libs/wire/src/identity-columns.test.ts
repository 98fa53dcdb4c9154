import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { identityColumns } from './identity-columns.ts'
import { identitySet, type IdentitySet } from './identity-set.ts'

// The oracle: the same set, to which identities are added one after the other.

const owners = 3
// Few distinct words, so that repeats and near misses are common.
const event = fc.record({
  id: fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }),
  owner: fc.integer({ min: -1, max: owners - 1 }),
})
const run = fc.array(event, { minLength: 1, maxLength: 64 })
type Run = typeof run extends fc.Arbitrary<infer R> ? R : never

const saved = (set: IdentitySet): readonly string[] =>
  set.byOwner(owners).map((bytes) => Buffer.from(bytes).toString('hex'))

const addByColumns = (set: IdentitySet, events: Run, cut: number): readonly boolean[] => {
  const columns = identityColumns(Int32Array.from(events.flatMap(({ id }) => id)))
  columns.owners.set(events.map(({ owner }) => owner))
  columns.isNew.fill(7)
  const middle = Math.min(cut, events.length)
  const stretches = [
    [0, middle],
    [middle, events.length],
  ] as const
  for (const [from, to] of stretches) set.hashAll(columns, from, to)
  const sizeBefore = set.size()
  const added = stretches.reduce((sum, [from, to]) => sum + set.addAll(columns, from, to), 0)
  expect(set.size()).toBe(sizeBefore + added)
  return Array.from(columns.isNew, (isNew) => isNew === 1)
}

const addSingly = (set: IdentitySet, events: Run): readonly boolean[] =>
  events.map(({ id, owner }) => {
    const bytes = new Uint8Array(Int32Array.from(id).buffer)
    return owner < 0 || set.add(bytes, 0, owner)
  })

it('finds by columns what is found one by one, of each owner and within a run, too', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 4 }), fc.nat(64), fc.nat(9), (runs, cut, seed) => {
      const set = identitySet(seed)
      const plain = identitySet(seed)
      for (const events of runs) {
        expect(addByColumns(set, events, cut)).toEqual(addSingly(plain, events))
        expect(saved(set)).toEqual(saved(plain))
      }
    }),
  )
})

it('grows between a hash and what is added with it', () => {
  const set = identitySet(5)
  const runs = Array.from({ length: 400 }, (_, k) =>
    Array.from({ length: 64 }, (_, i) => ({ id: [0, 64 * k + i, 0, 7], owner: i % owners })),
  )
  for (const all of [true, false])
    for (const events of runs)
      expect(new Set(addByColumns(set, events, 20))).toEqual(new Set([all]))
  expect(set.size()).toBe(400 * 64)
})

it('has the room of another set from the beginning', () => {
  const set = identitySet(1)
  const before = set.slots()
  for (let k = 0; k < 40; k++)
    addByColumns(
      set,
      [
        { id: [k, 0, 0, 0], owner: 0 },
        { id: [0, k, 0, 1], owner: 1 },
      ],
      1,
    )
  expect(set.slots()).toBeGreaterThan(before)
  expect(identitySet(2, set.slots()).slots()).toBe(set.slots())
})
