import { expect, it } from '@jest/globals'
import type { Checkpoint } from '@tidemark/model'
import type { Log } from '../log.ts'
import { aborted, journal } from './journal.ts'
import { commitOf, joinAs, oneTask, withSession } from './member.ts'
import { bytesOf } from './records.ts'
import { partitions, type World } from './world.ts'

const commitAll = (log: Log, ...checkpoints: readonly Checkpoint[]): Promise<void> =>
  withSession(log, oneTask, async ({ commit }) => {
    for (const checkpoint of checkpoints) await commit(commitOf({ checkpoint }))
  })

const parts = (checkpoint: Checkpoint | null) =>
  [...checkpoint!].sort(([a], [b]) => (a < b ? -1 : 1))

/** Bytes that do not repeat, so that a piece out of place shows. */
const noise = (length: number, seed: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

export const describeCheckpoints = (world: World): void => {
  it('are null before the first commit, and an empty one is not', async () => {
    const { log } = await world.provisioned()
    expect(await log.checkpoints(oneTask.processor, 2)).toEqual([
      { task: 0, checkpoint: null, positions: [], committedAtMs: null, isTakenOver: false },
      { task: 1, checkpoint: null, positions: [], committedAtMs: null, isTakenOver: false },
    ])
    await commitAll(log, new Map())
    const [first] = await log.checkpoints(oneTask.processor, 1)
    expect(first).toMatchObject({ task: 0, checkpoint: new Map(), positions: [] })
    await withSession(log, oneTask, async ({ checkpoint }) => expect(checkpoint).toEqual(new Map()))
  })

  it('come back as they were, larger than any record and in several parts', async () => {
    const { log, open } = await world.provisioned()
    const large = new Map([
      ['empty', new Uint8Array(0)],
      ['large', noise(5_000_000, 1)],
      ['small', bytesOf('small')],
      ['next to a limit', noise(900_001, 2)],
    ])
    await commitAll(log, large)
    const [state] = await (await open()).checkpoints(oneTask.processor, 1)
    expect(parts(state!.checkpoint).map(([name]) => name)).toEqual(
      parts(large).map(([name]) => name),
    )
    for (const [name, bytes] of large)
      expect(Buffer.compare(state!.checkpoint!.get(name)!, bytes)).toBe(0)
  })

  it('keep the parts that did not change, and replace those that did', async () => {
    const { log } = await world.provisioned()
    const kept = noise(100_000, 3)
    await commitAll(
      log,
      new Map([
        ['kept', kept],
        ['moved', bytesOf('1')],
      ]),
      new Map([
        ['kept', kept],
        ['moved', bytesOf('2')],
      ]),
    )
    // The next owner writes only what changed against what it was given.
    await withSession(log, oneTask, async ({ checkpoint, commit }) => {
      await commit(commitOf({ checkpoint: new Map([...checkpoint!, ['moved', bytesOf('3')]]) }))
    })
    const [state] = await log.checkpoints(oneTask.processor, 1)
    expect(parts(state!.checkpoint)).toEqual([
      ['kept', kept],
      ['moved', bytesOf('3')],
    ])
  })

  it('forget parts that are no longer there, and take them up again', async () => {
    const { log } = await world.provisioned()
    const a = bytesOf('a')
    const b = bytesOf('b')
    await commitAll(log, new Map(Object.entries({ a, b })), new Map(Object.entries({ a })))
    const after = async () => (await log.checkpoints(oneTask.processor, 1))[0]!.checkpoint
    expect(await after()).toEqual(new Map([['a', a]]))
    await commitAll(log, new Map(Object.entries({ b })), new Map(Object.entries({ a, b })))
    expect(await after()).toEqual(new Map(Object.entries({ a, b })))
  })

  it('shrink and grow again', async () => {
    const { log } = await world.provisioned()
    await commitAll(
      log,
      new Map([['state', noise(2_500_000, 4)]]),
      new Map([['state', bytesOf('s')]]),
    )
    await withSession(log, oneTask, async ({ checkpoint, commit }) => {
      expect(parts(checkpoint)).toEqual([['state', bytesOf('s')]])
      await commit(commitOf({ checkpoint: new Map([['state', noise(1_000_000, 5)]]) }))
    })
    const [state] = await log.checkpoints(oneTask.processor, 1)
    expect(Buffer.compare(state!.checkpoint!.get('state')!, noise(1_000_000, 5))).toBe(0)
  })

  it('can be seen, of every task, while the tasks are at work', async () => {
    const { log, open } = await world.provisioned()
    const committed = journal<number>()
    const spec = { ...oneTask, tasks: partitions }
    const member = joinAs(log, spec, async ({ task, commit }, signal) => {
      await commit(commitOf({ checkpoint: new Map([['task', bytesOf(`${task}`)]]) }))
      committed.note(task)
      await aborted(signal)
    })
    await committed.until((tasks) => tasks.length === partitions)
    const states = await (await open()).checkpoints(spec.processor, partitions)
    await member.stop()
    expect(states.map(({ task, checkpoint }) => [task, checkpoint])).toEqual(
      Array.from({ length: partitions }, (_, task) => [
        task,
        new Map([['task', bytesOf(`${task}`)]]),
      ]),
    )
  })
}
