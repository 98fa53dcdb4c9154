import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  holdRound,
  ownsTask,
  registerProcessor,
  removeMember,
  type Member,
  type Round,
  type RoundRequest,
} from './membership.ts'
import { thisProcess, type ProcessIdentity } from './process-identity.ts'
import { openStore, type Store } from './store.ts'
import { openWorld, type World } from './testing/world.ts'

let world: World
let store: Store
beforeEach(async () => {
  world = openWorld()
  store = await openStore({ folder: world.folder })
})
afterEach(() => {
  store.database.close()
  return world.end()
})

const leaseMs = 10_000
const elsewhere = { machine: 'another machine', pid: 1, started: null }

const memberOf = (id: string, tasks: number, process: ProcessIdentity = elsewhere): Member => ({
  id,
  process,
  spec: { processor: 'evaluator', topics: ['aggregates'], tasks },
})

const round = (member: Member, request: Partial<RoundRequest> = {}): Round =>
  holdRound(store.database, member, {
    held: new Map(),
    notNow: new Set(),
    isLeaving: false,
    nowMs: 0,
    leaseMs,
    ...request,
  })

/** What a member is at work on, kept as a host keeps it: what is above its share stops at once. */
const heldBy = (member: Member) => {
  let held = new Map<number, number>()
  return {
    held: () => held,
    round: (nowMs = 0): Round => {
      const result = round(member, { held, nowMs })
      const kept = [...held].filter(([task]) => !result.lost.includes(task))
      held = new Map([
        ...kept.slice(0, kept.length - result.excess),
        ...result.acquired.map(({ task, epoch }) => [task, epoch] as const),
      ])
      return result
    },
  }
}

describe('a lease', () => {
  it('holds until its last millisecond, and then goes to another member with a new epoch', () => {
    const a = memberOf('a', 1)
    const b = memberOf('b', 1)
    registerProcessor(store.database, a.spec)
    expect(round(a, { nowMs: 1000 }).acquired).toMatchObject([{ task: 0, epoch: 1 }])
    expect(round(b, { nowMs: 11_000 }).acquired).toEqual([])
    expect(ownsTask(store.database, a, 0, 1)).toBe(true)
    expect(round(b, { nowMs: 11_001 }).acquired).toMatchObject([{ task: 0, epoch: 2 }])
    expect(ownsTask(store.database, a, 0, 1)).toBe(false)
    expect(ownsTask(store.database, b, 0, 2)).toBe(true)
  })

  it('is renewed by every round', () => {
    const a = memberOf('a', 1)
    const b = memberOf('b', 1)
    registerProcessor(store.database, a.spec)
    let held = new Map<number, number>()
    for (const nowMs of [0, 9000, 18_000, 27_000]) {
      for (const { task, epoch } of round(a, { nowMs, held }).acquired)
        held = new Map([[task, epoch]])
      expect(round(b, { nowMs: nowMs + leaseMs }).acquired).toEqual([])
    }
  })

  it('that ran out is noticed by whoever had it', () => {
    const a = memberOf('a', 1)
    const b = memberOf('b', 1)
    registerProcessor(store.database, a.spec)
    round(a)
    round(b, { nowMs: 20_000 })
    const late = round(a, { nowMs: 20_001, held: new Map([[0, 1]]) })
    expect(late).toMatchObject({ lost: [0], acquired: [], hasNews: true })
  })

  it('that ran out does not give a task to its old owner before the lost run has returned', () => {
    const a = memberOf('a', 1)
    const b = memberOf('b', 1)
    registerProcessor(store.database, a.spec)
    round(a)
    round(b, { nowMs: 20_000 })
    removeMember(store.database, b)
    // The task is free again, but the run of the first epoch is still at it.
    const atWork = round(a, { nowMs: 20_001, held: new Map([[0, 1]]) })
    expect(atWork).toMatchObject({ lost: [0], acquired: [] })
    expect(round(a, { nowMs: 20_002 }).acquired).toMatchObject([{ task: 0, epoch: 3 }])
  })
})

describe('a member on the same machine', () => {
  const ended = spawnSync(process.execPath, ['--version']).pid

  it.each([
    ['whose process is gone', { ...thisProcess(), pid: ended, started: null }, true],
    [
      'whose process id went to a later process',
      { ...thisProcess(), started: 'before that' },
      process.platform === 'linux',
    ],
    ['that is alive', thisProcess(), false],
    ['of another machine, of which nothing is known', { ...elsewhere, pid: ended }, false],
  ])('%s', (_what, identity, isReplaced) => {
    const old = memberOf('old', 1, identity)
    const next = memberOf('next', 1, thisProcess())
    registerProcessor(store.database, old.spec)
    round(old)
    expect(round(next).acquired).toHaveLength(isReplaced ? 1 : 0)
  })
})

describe('the tasks', () => {
  it('are shared evenly and owned by one at a time, whoever comes and goes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('round' as const), who: fc.nat(4) }),
      fc.record({ kind: fc.constant('leave' as const), who: fc.nat(4) }),
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(step, { maxLength: 40 }),
        (tasks, steps) => {
          for (const table of ['member', 'task', 'processor'])
            store.database.run(`delete from ${table}`)
          const members = Array.from({ length: 5 }, (_, i) => memberOf(`m${i}`, tasks))
          registerProcessor(store.database, members[0]!.spec)
          const present = new Map<number, ReturnType<typeof heldBy>>()
          for (const { kind, who } of steps) {
            if (kind === 'leave') {
              removeMember(store.database, members[who]!)
              present.delete(who)
            } else {
              if (!present.has(who)) present.set(who, heldBy(members[who]!))
              present.get(who)!.round()
            }
            const owned = [...present.values()].flatMap(({ held }) => [...held().keys()])
            expect(new Set(owned).size).toBe(owned.length)
          }
          // Those that stay settle within two rounds each: one gives back, the other takes.
          for (const _settling of [0, 1, 2]) for (const { round: next } of present.values()) next()
          const counts = [...present.values()].map(({ held }) => held().size)
          if (counts.length === 0) return
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(tasks)
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('do not move when nobody comes or goes', () => {
    const members = [heldBy(memberOf('a', 5)), heldBy(memberOf('b', 5))]
    registerProcessor(store.database, memberOf('a', 5).spec)
    for (const _settling of [0, 1, 2]) for (const member of members) member.round()
    const before = members.map(({ held }) => held())
    for (const member of members)
      expect(member.round()).toMatchObject({ lost: [], excess: 0, acquired: [], hasNews: false })
    expect(members.map(({ held }) => held())).toEqual(before)
  })

  it('that a member does not want now are left for others', () => {
    const a = memberOf('a', 3)
    registerProcessor(store.database, a.spec)
    const notNow = new Set([1])
    expect(round(a, { notNow }).acquired.map(({ task }) => task)).toEqual([0, 2])
    expect(round(memberOf('b', 3)).acquired.map(({ task }) => task)).toEqual([1])
  })
})
