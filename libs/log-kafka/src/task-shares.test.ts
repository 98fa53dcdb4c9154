import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readClaims, writeClaims } from './task-claims.ts'
import { shareTasks, type Claimant } from './task-shares.ts'

const sizesOf = (shares: ReadonlyMap<string, readonly number[]>): number[] =>
  Array.from(shares.values(), ({ length }) => length)

/** Any claims at all: of tasks that others claim too, that are claimed twice, or that there are no more. */
const groups = fc.record({
  tasks: fc.nat(60),
  members: fc.uniqueArray(
    fc.record({
      memberId: fc.string({ minLength: 1, maxLength: 4 }),
      generation: fc.integer({ min: -1, max: 3 }),
      tasks: fc.uniqueArray(fc.nat(70), { maxLength: 40 }),
    }),
    { minLength: 1, maxLength: 12, selector: ({ memberId }) => memberId },
  ),
})

describe('shares', () => {
  it('give each task to one member, and no member two more than another', () => {
    fc.assert(
      fc.property(groups, ({ tasks, members }) => {
        const shares = shareTasks(tasks, members)
        const all = Array.from({ length: tasks }, (_, task) => task)
        expect([...shares.values()].flat().sort((a, b) => a - b)).toEqual(all)
        expect(Math.max(...sizesOf(shares)) - Math.min(...sizesOf(shares))).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('do not depend on the order in which members are listed', () => {
    fc.assert(
      fc.property(groups, ({ tasks, members }) => {
        expect(shareTasks(tasks, members.toReversed())).toEqual(shareTasks(tasks, members))
      }),
    )
  })

  // Every way to hand out the shares of one size more, by brute force: an oracle that knows no claims but who has how many.
  it('move as few tasks as any fair assignment', () => {
    const owning = fc
      .tuple(fc.integer({ min: 1, max: 7 }), fc.array(fc.nat(6), { maxLength: 25 }))
      .map(([count, owners]): readonly Claimant[] =>
        Array.from({ length: count }, (_, i) => ({
          ...{ memberId: `m${i}`, generation: 1 },
          tasks: owners.flatMap((owner, task) => (owner === i ? [task] : [])),
        })),
      )
    fc.assert(
      fc.property(owning, fc.nat(25), (members, tasks) => {
        const shares = shareTasks(tasks, members)
        const had = members.map((member) => member.tasks.filter((task) => task < tasks))
        const kept = members.reduce(
          (sum, { memberId }, i) =>
            sum + shares.get(memberId)!.filter((task) => had[i]!.includes(task)).length,
          0,
        )
        const [least, larger] = [Math.floor(tasks / members.length), tasks % members.length]
        let most = 0
        for (let chosen = 0; chosen < 2 ** members.length; chosen++) {
          const isLarger = members.map((_, i) => (chosen & (1 << i)) !== 0)
          if (isLarger.filter(Boolean).length !== larger) continue
          const sum = had.reduce(
            (all, { length }, i) => all + Math.min(length, isLarger[i]! ? least + 1 : least),
            0,
          )
          most = Math.max(most, sum)
        }
        expect(kept).toBe(most)
      }),
      { numRuns: 300 },
    )
  })

  it('believe the later of two who claim the same task', () => {
    const claim = (memberId: string, generation: number) => ({
      memberId,
      generation,
      tasks: [0, 1],
    })
    const before = { memberId: 'c', generation: 4, tasks: [2, 3] }
    expect(shareTasks(4, [claim('a', 3), claim('b', 4), before])).toEqual(
      new Map([
        ['a', [3]],
        ['b', [0, 1]],
        ['c', [2]],
      ]),
    )
  })
})

describe('claims', () => {
  it('are read as they were written', () => {
    const tasks = fc.uniqueArray(fc.nat(5000)).map((of) => of.sort((a, b) => a - b))
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 2 ** 31 - 1 }), tasks, (generation, of) => {
        expect(readClaims(writeClaims({ generation, tasks: of }))).toEqual({
          generation,
          tasks: of,
        })
      }),
    )
  })
})
