import { expect, it } from '@jest/globals'
import type { HostSpec, Log, RunTask } from '../log.ts'
import { aborted, journal, type Journal } from './journal.ts'
import { commitOf, joinAs, type Member } from './member.ts'
import { bytesOf, textOf } from './records.ts'
import type { World } from './world.ts'

const tasks = 4
const spec: HostSpec = { processor: 'evaluator', topics: ['aggregates'], tasks }

type Step = {
  readonly kind: 'start' | 'return'
  readonly member: string
  readonly task: number
  readonly epoch: number
  /** What the checkpoint said when the run started: the name of whoever committed it. */
  readonly left: string | null
}

export const describeSharing = (world: World): void => {
  const join = (log: Log, member: string, steps: Journal<Step>): Member => {
    const run: RunTask = async ({ task, epoch, checkpoint, commit }, signal) => {
      const state = checkpoint?.get('owner')
      const left = state === undefined ? null : textOf(state)
      steps.note({ kind: 'start', member, task, epoch, left })
      await aborted(signal)
      // What is committed after the signal still counts, and the next owner sees it.
      await commit(commitOf({ checkpoint: new Map([['owner', bytesOf(member)]]) }))
      steps.note({ kind: 'return', member, task, epoch, left })
    }
    return joinAs(log, spec, run)
  }

  it('moves tasks to a member that joins, each after its run has returned', async () => {
    const { log, open } = await world.provisioned({ partitions: tasks })
    const steps = journal<Step>()
    const first = join(log, 'first', steps)
    await steps.until((events) => running(events).size === tasks)
    const second = join(await open(), 'second', steps)
    await steps.until((events) => holds(events, { first: 2, second: 2 }))
    await Promise.all([first.stop(), second.stop()])
    expectOneOwnerAtATime(steps.events())
    for (const { member, left } of steps.events())
      if (member === 'second') expect(left).not.toBeNull()
  })

  it('moves the tasks of a member that leaves to those that stay', async () => {
    const { log, open } = await world.provisioned({ partitions: tasks })
    const steps = journal<Step>()
    const first = join(log, 'first', steps)
    const second = join(await open(), 'second', steps)
    await steps.until((events) => holds(events, { first: 2, second: 2 }))
    await first.stop()
    await steps.until((events) => holds(events, { first: 0, second: tasks }))
    await second.stop()
    expectOneOwnerAtATime(steps.events())
  })

  it('shares evenly among three, and keeps a member that is too many in reserve', async () => {
    const { log, open } = await world.provisioned({ partitions: tasks })
    const steps = journal<Step>()
    const names = ['first', 'second', 'third', 'fourth', 'fifth']
    const members: Member[] = []
    for (const name of names) {
      members.push(join(name === 'first' ? log : await open(), name, steps))
      await steps.until((events) => isEven(events, members.length))
    }
    // Whoever leaves, the one in reserve makes up for it.
    await members[0]!.stop()
    await steps.until((events) => isEven(events, 4))
    await Promise.all(members.map((member) => member.stop()))
    expectOneOwnerAtATime(steps.events())
  })
}

/** Who is at work on each task. */
const running = (steps: readonly Step[]): ReadonlyMap<number, string> => {
  const owners = new Map<number, string>()
  for (const { kind, task, member } of steps)
    if (kind === 'start') owners.set(task, member)
    else if (owners.get(task) === member) owners.delete(task)
  return owners
}

const countOf = (steps: readonly Step[], member: string): number =>
  [...running(steps).values()].filter((owner) => owner === member).length

const holds = (steps: readonly Step[], counts: Readonly<Record<string, number>>): boolean =>
  Object.entries(counts).every(([member, count]) => countOf(steps, member) === count)

/** All tasks are at work, and the members at work have as many as each other, give or take one. */
const isEven = (steps: readonly Step[], members: number): boolean => {
  const owners = [...running(steps).values()]
  const counts = [...new Set(owners)].map((member) => countOf(steps, member))
  return (
    owners.length === tasks &&
    counts.length === Math.min(members, tasks) &&
    Math.max(...counts) - Math.min(...counts) <= 1
  )
}

/** No run starts before the last one of its task has returned; it finds what that one left, in a later epoch. */
const expectOneOwnerAtATime = (steps: readonly Step[]): void => {
  const before = new Map<number, Step>()
  for (const step of steps) {
    const last = before.get(step.task)
    if (step.kind === 'start') {
      expect(last?.kind ?? 'return').toBe('return')
      expect(step.left).toBe(last?.member ?? null)
      expect(step.epoch).toBeGreaterThan(last?.epoch ?? -1)
    }
    before.set(step.task, step)
  }
}
