import { afterEach, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import {
  FencedError,
  PositionError,
  UnavailableError,
  type Log,
  type RunTask,
  type TaskCommit,
  type TaskSession,
} from '@tidemark/log'
import type { Checkpoint, Offset } from '@tidemark/model'
import { once } from 'node:events'
import { openWorld, plainClient, putOut } from './kafka-world.ts'

const untilAborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}

/** Resolves when `holds` does: looked at whenever something is noted. */
const noteboard = () => {
  const waiting = new Set<() => void>()
  return {
    note: () => {
      for (const look of waiting) look()
    },
    until: (holds: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

const commitOf = (task: number, checkpoint: Checkpoint, position = 0): TaskCommit => ({
  outputs: [],
  checkpoint,
  positions: [
    { topic: 'requests', partition: task, position: position as Offset, from: 0 as Offset },
  ],
})

const textOf = (checkpoint: Checkpoint | null): string | null =>
  checkpoint === null ? null : Buffer.from(checkpoint.get('text') ?? []).toString()

describeWithBroker('owning tasks on Kafka', (brokers) => {
  const world = openWorld(brokers)
  afterEach(() => world.close(), 30_000)

  const spec = (tasks: number) => ({
    processor: 'aggregator',
    topics: ['requests', 'facts'] as const,
    tasks,
  })

  /** Hosts until stopped; what goes wrong is thrown by `stop`. */
  const member = (log: Log, tasks: number, run: RunTask) => {
    const stop = new AbortController()
    const done = log.host(spec(tasks), run, stop.signal)
    done.catch(() => undefined)
    return {
      done,
      stop: async () => {
        stop.abort()
        await done
      },
    }
  }

  it('moves tasks between members, never running one twice at a time, and each time with a higher epoch', async () => {
    const { log: first, prefix } = await world.provisioned({ partitions: 4 })
    const second = await world.open(prefix)
    const board = noteboard()
    const owners = new Map<number, string>()
    const epochs = new Map<number, number[]>()
    const runAs =
      (name: string): RunTask =>
      async (session, signal) => {
        expect(owners.get(session.task)).toBeUndefined()
        owners.set(session.task, name)
        const before = epochs.get(session.task) ?? []
        epochs.set(session.task, [...before, session.epoch])
        // Each owner finds what the one before it wrote at the very end.
        expect(textOf(session.checkpoint)).toBe(
          before.length === 0 ? null : `owner ${before.length}`,
        )
        board.note()
        await untilAborted(signal)
        await session.commit(
          commitOf(session.task, new Map([['text', Buffer.from(`owner ${before.length + 1}`)]])),
        )
        owners.delete(session.task)
        board.note()
      }
    const owned = (name: string) => [...owners.values()].filter((owner) => owner === name).length
    const a = member(first, 4, runAs('a'))
    await board.until(() => owned('a') === 4)
    const b = member(second, 4, runAs('b'))
    await board.until(() => owned('a') === 2 && owned('b') === 2)
    await a.stop()
    await board.until(() => owned('b') === 4)
    await b.stop()
    expect(owners.size).toBe(0)
    for (const list of epochs.values()) {
      expect(list.length).toBeGreaterThanOrEqual(3)
      expect(list).toEqual([...new Set(list)].sort((x, y) => x - y))
    }
    const states = await first.checkpoints('aggregator', 4)
    expect(states.map(({ task, checkpoint }) => [task, textOf(checkpoint)])).toEqual(
      [...epochs].sort(([x], [y]) => x - y).map(([task, list]) => [task, `owner ${list.length}`]),
    )
  })

  it('fences a member that the group has put out, which then comes back by itself', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 })
    const board = noteboard()
    const sessions: TaskSession[] = []
    const { stop } = member(log, 1, async (session, signal) => {
      sessions.push(session)
      board.note()
      if (sessions.length === 1)
        await session.commit(commitOf(0, new Map([['text', Buffer.from('kept')]])))
      await untilAborted(signal)
    })
    await board.until(() => sessions.length === 1)
    await putOut(brokers(), `${prefix}tidemark-aggregator`)
    await board.until(() => sessions.length === 2)
    const [fenced, owner] = sessions as [TaskSession, TaskSession]
    await expect(fenced.commit(commitOf(0, new Map()))).rejects.toThrow(FencedError)
    await expect(fenced.poll([], { maxWaitMs: 0 })).rejects.toThrow(FencedError)
    await expect(
      fenced.append('facts', 0, { key: null, value: Buffer.from('tick') }),
    ).rejects.toThrow(FencedError)
    expect(owner.epoch).toBeGreaterThan(fenced.epoch)
    expect(textOf(owner.checkpoint)).toBe('kept')
    await stop()
  })

  it('fences a task that does not stop in time, and lets another member have it', async () => {
    const { log: first, prefix } = await world.provisioned(
      { partitions: 1 },
      { rebalanceTimeoutMs: 6000 },
    )
    const second = await world.open(prefix, { rebalanceTimeoutMs: 6000 })
    const board = noteboard()
    let stuck: TaskSession | null = null
    let release: () => void = () => undefined
    const a = member(first, 1, async (session) => {
      stuck ??= session
      board.note()
      await new Promise<void>((resolve) => (release = resolve))
    })
    await board.until(() => stuck !== null)
    const successors: TaskSession[] = []
    const b = member(second, 1, async (session, signal) => {
      successors.push(session)
      board.note()
      await untilAborted(signal)
    })
    // The stuck member has given the task up, so either may be assigned it; it cannot start it again before it has ended.
    const stopping = a.stop()
    await board.until(() => successors.length === 1)
    await expect(stuck!.commit(commitOf(0, new Map()))).rejects.toThrow(FencedError)
    release()
    await stopping
    await b.stop()
  })

  it('acquires a task again after an error that may pass, and ends with one that will not', async () => {
    const { log } = await world.provisioned({ partitions: 2 })
    const epochs: number[] = []
    const released: number[] = []
    const board = noteboard()
    const broken = new TypeError('broken')
    const { done } = member(log, 2, async (session, signal) => {
      if (session.task === 1) {
        await untilAborted(signal)
        await session.commit(commitOf(1, new Map([['text', Buffer.from('released')]])))
        released.push(1)
        return
      }
      epochs.push(session.epoch)
      await session.commit(commitOf(0, new Map([['text', Buffer.from(String(epochs.length))]])))
      board.note()
      throw epochs.length < 3 ? new UnavailableError('may pass') : broken
    })
    await expect(done).rejects.toBe(broken)
    expect(epochs).toHaveLength(3)
    expect(epochs).toEqual(epochs.toSorted((x, y) => x - y))
    expect(released).toEqual([1])
    expect(
      (await log.checkpoints('aggregator', 2)).map(({ checkpoint }) => textOf(checkpoint)),
    ).toEqual(['3', 'released'])
  })

  it('keeps checkpoints of many megabytes, and the positions that lag tools read', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 })
    const parts = new Map(
      Array.from({ length: 9 }, (_, i) => [`part ${i}`, new Uint8Array(700_000 * i).fill(i)]),
    )
    const runOnce = async (run: (session: TaskSession) => Promise<void>): Promise<void> => {
      const stop = new AbortController()
      await log.host(
        spec(1),
        async (session) => {
          await run(session)
          stop.abort()
        },
        stop.signal,
      )
    }
    await runOnce(async (session) => {
      expect(session.checkpoint).toBeNull()
      await session.commit(commitOf(0, parts, 3))
      parts.set('part 3', Buffer.from('changed'))
      parts.delete('part 8')
      await session.commit(commitOf(0, parts, 7))
    })
    await runOnce(async ({ checkpoint }) => {
      expect([...checkpoint!.keys()]).toEqual([...parts.keys()])
      for (const [name, bytes] of parts)
        expect(Buffer.compare(checkpoint!.get(name)!, bytes)).toBe(0)
    })
    expect(await log.checkpoints('aggregator', 1)).toMatchObject([
      { task: 0, positions: [{ topic: 'requests', partition: 0, position: 7 }] },
    ])
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    const offsets = await admin.fetchOffsets({
      groupId: `${prefix}tidemark-aggregator`,
      topics: [`${prefix}requests`],
    })
    await admin.disconnect()
    expect(offsets).toMatchObject([{ partitions: [{ partition: 0, offset: '7' }] }])
  })

  it('polls several partitions from where each is wanted, at once when told to stop, and knows no default', async () => {
    const { log } = await world.provisioned({ partitions: 1 })
    const publisher = await log.publisher()
    for (const topic of ['requests', 'facts'] as const)
      await publisher.append(topic, 0, [{ key: null, value: Buffer.from(topic) }])
    const want = (topic: 'requests' | 'facts', position: number) => ({
      topic,
      partition: 0,
      position: position as Offset,
    })
    const stop = new AbortController()
    await log.host(
      spec(1),
      async ({ poll }) => {
        const seen = new Set<string>()
        while (seen.size < 2)
          for (const { topic, nextOffset, endOffset } of await poll(
            [...(['requests', 'facts'] as const)]
              .filter((topic) => !seen.has(topic))
              .map((topic) => want(topic, 0)),
            { maxWaitMs: 10_000 },
          )) {
            expect([nextOffset, endOffset]).toEqual([1, 1])
            seen.add(topic)
          }
        expect(await poll([want('requests', 1), want('facts', 1)], { maxWaitMs: 0 })).toEqual([])
        await expect(poll([want('requests', 5)], { maxWaitMs: 10_000 })).rejects.toThrow(
          PositionError,
        )
        await expect(poll([want('requests', 5)], { maxWaitMs: 10_000 })).rejects.toThrow(
          /outside of what is kept, 0 to 1/,
        )
        // What came while nobody polled is there, and so is what comes while somebody waits.
        await publisher.append('facts', 0, [{ key: null, value: Buffer.from('more') }])
        expect(
          await poll([want('requests', 1), want('facts', 1)], { maxWaitMs: 10_000 }),
        ).toMatchObject([{ topic: 'facts', fromOffset: 1 }])
        const waiting = poll([want('requests', 1), want('facts', 2)], { maxWaitMs: 3_600_000 })
        stop.abort()
        expect(await waiting).toEqual([])
      },
      stop.signal,
    )
  })
})
