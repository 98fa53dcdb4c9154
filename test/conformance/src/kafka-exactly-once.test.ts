import { afterEach, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import {
  FencedError,
  type Log,
  type Milestone,
  type TaskCommit,
  type TaskSession,
} from '@tidemark/log'
import type { EpochMs, Offset } from '@tidemark/model'
import type { Producer, Transaction } from 'kafkajs'
import { openWorld, plainClient, putOut, readAll } from './kafka-world.ts'

const spec = { processor: 'aggregator', topics: ['requests'], tasks: 1 } as const

const commitBy = (owner: string, position: number | null = null): TaskCommit => ({
  outputs: [{ topic: 'alerts', partition: 0, key: null, value: Buffer.from(owner) }],
  checkpoint: new Map([['owner', Buffer.from(owner)]]),
  positions:
    position === null
      ? []
      : [{ topic: 'requests', partition: 0, position: position as Offset, from: 0 as Offset }],
})

const ownerIn = ({ checkpoint }: TaskSession): string | null =>
  checkpoint === null ? null : Buffer.from(checkpoint.get('owner')!).toString()

const alertsOn = async (log: Log): Promise<readonly string[]> =>
  (await readAll(log, 'alerts', 0)).map(({ value }) => value)

describeWithBroker('exactly once on Kafka', (brokers) => {
  const world = openWorld(brokers)
  afterEach(() => world.close(), 20_000)

  /** Runs `work` on the task once, in a host of its own. */
  const once = async (log: Log, work: (session: TaskSession) => Promise<void>): Promise<void> => {
    const stop = new AbortController()
    let failure: { readonly error: unknown } | null = null
    await log.host(
      spec,
      async (session) => {
        try {
          await work(session)
        } catch (error) {
          failure = { error }
        }
        stop.abort()
      },
      stop.signal,
    )
    if (failure !== null) throw (failure as { readonly error: unknown }).error
  }

  /** Somebody with a transaction of his own. */
  const foreign = async (transactionalId: string): Promise<Producer> => {
    const producer = plainClient(brokers()).producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    world.finally(() => producer.disconnect())
    return producer
  }

  const open = async (producer: Producer, topic: string, value: string): Promise<Transaction> => {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ key: 'foreign', value, partition: 0 }] })
    return transaction
  }

  it('is fenced by the broker though its membership holds', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 })
    await once(log, async (session) => {
      await session.commit(commitBy('first', 1))
      const usurper = await foreign(`${prefix}tidemark-aggregator-0`)
      await (await usurper.transaction()).abort()
      await expect(session.commit(commitBy('fenced', 2))).rejects.toThrow(FencedError)
      const entry = { key: null, value: Buffer.from('tick') }
      await expect(session.append('requests', 0, entry)).rejects.toThrow(FencedError)
      await expect(session.poll([], { maxWaitMs: 0 })).rejects.toThrow(FencedError)
    })
    expect(await alertsOn(log)).toEqual(['first'])
    await once(log, async (session) => {
      expect(ownerIn(session)).toBe('first')
      expect(session.positions).toMatchObject([{ position: 1 }])
    })
  })

  it('is fenced by the generation of its group, though nobody has taken the task yet', async () => {
    // Heartbeats are ten seconds apart, so it does not hear of it in time.
    const { log, prefix } = await world.provisioned({ partitions: 1 }, { sessionTimeoutMs: 60_000 })
    await once(log, async (session) => {
      await session.commit(commitBy('first', 1))
      await putOut(brokers(), `${prefix}tidemark-aggregator`)
      await expect(session.commit(commitBy('put out', 2))).rejects.toThrow(FencedError)
    })
    expect(await alertsOn(log)).toEqual(['first'])
  })

  it('hears of it by a heartbeat where no positions go along', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 }, { sessionTimeoutMs: 60_000 })
    await once(log, async (session) => {
      await putOut(brokers(), `${prefix}tidemark-aggregator`)
      await expect(session.commit(commitBy('put out'))).rejects.toThrow(FencedError)
    })
    expect(await alertsOn(log)).toEqual([])
  })

  it('fences itself when its session may have ended, as after a stop of the process', async () => {
    let aheadMs = 0
    const clock = {
      nowMs: () => Date.now() as EpochMs,
      monotonicMs: () => performance.now() + aheadMs,
    }
    const { log } = await world.provisioned({ partitions: 1 }, { clock })
    await once(log, async (session) => {
      await session.commit(commitBy('awake', 1))
      aheadMs += 6001
      await expect(session.commit(commitBy('after a sleep', 2))).rejects.toThrow(FencedError)
      await expect(session.poll([], { maxWaitMs: 0 })).rejects.toThrow(FencedError)
    })
    expect(await alertsOn(log)).toEqual(['awake'])
  })

  it('settles what a dead owner left open, before it reads the checkpoint', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 })
    const dead = await foreign(`${prefix}tidemark-aggregator-0`)
    const half = await open(dead, `${prefix}alerts`, 'half')
    await once(log, (session) => session.commit(commitBy('next')))
    expect(await alertsOn(log)).toEqual(['next'])
    const late = {
      topic: `${prefix}alerts`,
      messages: [{ key: null, value: 'late', partition: 0 }],
    }
    await expect(half.send(late)).rejects.toThrow()
    expect(await alertsOn(log)).toEqual(['next'])
  })

  it('finds the last commit behind an open transaction of somebody else', async () => {
    let neighbour: Transaction | null = null
    const passed: Milestone[] = []
    const reached = (milestone: Milestone): void => {
      passed.push(milestone)
      // The next owner has begun to read: what it looks for is committed, and not to be seen yet.
      if (milestone === 'restoring' && neighbour !== null) void neighbour.abort()
    }
    const { log, prefix } = await world.provisioned({ partitions: 1 }, { reached })
    const producer = await foreign(`${prefix}neighbour`)
    await once(log, async (session) => {
      neighbour = await open(producer, `${prefix}checkpoints`, 'open')
      await session.commit(commitBy('hidden'))
    })
    await once(log, async (session) => expect(ownerIn(session)).toBe('hidden'))
    expect(passed.filter((milestone) => milestone === 'restoring')).toHaveLength(2)
  })

  it('commits the positions for lag tools with the rest, or not at all', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 })
    const groupId = `${prefix}tidemark-aggregator`
    await once(log, async (session) => {
      await session.commit(commitBy('first', 5))
      const usurper = await foreign(`${groupId}-0`)
      await (await usurper.transaction()).abort()
      await expect(session.commit(commitBy('fenced', 6))).rejects.toThrow(FencedError)
    })
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    const offsets = await admin.fetchOffsets({ groupId, topics: [`${prefix}requests`] })
    await admin.disconnect()
    expect(offsets).toMatchObject([{ partitions: [{ partition: 0, offset: '5' }] }])
  })

  it('survives the deletion of its group', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 })
    const epochs: number[] = []
    await once(log, async (session) => {
      epochs.push(session.epoch)
      await session.commit(commitBy('first', 1))
    })
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    await admin.deleteGroups([`${prefix}tidemark-aggregator`])
    await admin.disconnect()
    await once(log, async (session) => {
      epochs.push(session.epoch)
      expect(ownerIn(session)).toBe('first')
    })
    expect(epochs[1]).toBeGreaterThan(epochs[0]!)
  })

  it('goes on after a change of delivery, both ways', async () => {
    const { log: exactly, prefix } = await world.provisioned({ partitions: 1 })
    const atLeast = await world.open(prefix, { delivery: 'at-least-once' })
    for (const [log, before, now] of [
      [exactly, null, 'a'],
      [atLeast, 'a', 'b'],
      [exactly, 'b', 'c'],
    ] as const)
      await once(log, async (session) => {
        expect(ownerIn(session)).toBe(before)
        await session.commit(commitBy(now, 1))
      })
    expect(await alertsOn(exactly)).toEqual(['a', 'b', 'c'])
  })

  it('ends with an error when it cannot come back into its group', async () => {
    const { log, prefix } = await world.provisioned({ partitions: 1 }, { sessionTimeoutMs: 18_000 })
    const groupId = `${prefix}tidemark-aggregator`
    let started = (): void => undefined
    const running = new Promise<void>((resolve) => (started = resolve))
    const done = log.host(
      spec,
      async (_, signal) => {
        started()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
      new AbortController().signal,
    )
    done.catch(() => undefined)
    await running
    await putOut(brokers(), groupId)
    // Another program takes the group, which shares its topics out in another way.
    const intruder = plainClient(brokers()).consumer({ groupId, sessionTimeout: 30_000 })
    const joined = new Promise((resolve) => intruder.on(intruder.events.GROUP_JOIN, resolve))
    await intruder.connect()
    world.finally(() => intruder.disconnect())
    await intruder.subscribe({ topic: `${prefix}requests` })
    await intruder.run({ eachMessage: async () => undefined })
    await joined
    await expect(done).rejects.toThrow(/joining .*tidemark-aggregator/)
  })
})
