import { expect, it } from '@jest/globals'
import type { Offset } from '@tidemark/model'
import { PositionError } from '../errors.ts'
import type { TaskSession, Want } from '../log.ts'
import { journal } from './journal.ts'
import { joinAs, oneTask, withSession } from './member.ts'
import { bytesOf, readAll, recordsIn, valuesIn } from './records.ts'
import type { World } from './world.ts'

const want = (topic: Want['topic'], position: number): Want => ({
  topic,
  partition: 0,
  position: position as Offset,
})

const entry = (value: string) => ({ key: null, value: bytesOf(value) })

/** Longer than any test: who waits so long was not woken. */
const longWaitMs = 3_600_000

export const describePolling = (world: World): void => {
  it('returns what is there in several partitions, each from its position', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    await publisher.append('requests', 0, [entry('r0'), entry('r1'), entry('r2')])
    await publisher.append('health-checks', 0, [entry('h0'), entry('h1')])
    await withSession(log, oneTask, async (session) => {
      const found = await pollAll(session, [
        want('requests', 1),
        want('health-checks', 0),
        want('facts', 0),
      ])
      expect(found).toEqual({ requests: ['r1', 'r2'], 'health-checks': ['h0', 'h1'] })
    })
  })

  it('does not let a full partition keep the others from being read', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    for (let i = 0; i < 20; i++) await publisher.append('requests', 0, [entry(`r${i}`)])
    await publisher.append('health-checks', 0, [entry('h0')])
    await withSession(log, oneTask, async (session) => {
      const found = await pollAll(session, [want('requests', 0), want('health-checks', 0)], 1)
      expect(found.requests).toHaveLength(20)
      expect(found['health-checks']).toEqual(['h0'])
    })
  })

  it.each([200_000, undefined])(
    'hands out megabytes as they stand, whatever memory they come in: at most %s bytes at a time',
    async (bytesMax) => {
      const { log } = await world.provisioned()
      const publisher = await log.publisher()
      const valuesOf = (topic: string) =>
        Array.from({ length: 150 }, (_, i) => `${topic} ${i} `.padEnd(20_000, String(i)))
      const values = { requests: valuesOf('r'), 'health-checks': valuesOf('h') }
      for (const topic of ['requests', 'health-checks'] as const)
        for (let i = 0; i < 150; i += 25)
          await publisher.append(topic, 0, values[topic].slice(i, i + 25).map(entry))
      await withSession(log, oneTask, async (session) => {
        const wants = [want('requests', 0), want('health-checks', 0)]
        const found = await pollAll(session, wants, bytesMax)
        for (const topic of ['requests', 'health-checks'] as const)
          expect(found[topic]?.map((value, i) => value === values[topic][i])).toEqual(
            values[topic].map(() => true),
          )
      })
    },
    60_000,
  )

  it('waits until something arrives in one of the partitions', async () => {
    const { log, open } = await world.provisioned()
    const publisher = await (await open()).publisher()
    await withSession(log, oneTask, async ({ poll }) => {
      const polled = poll([want('requests', 0), want('health-checks', 0)], {
        maxWaitMs: longWaitMs,
      })
      await publisher.append('health-checks', 0, [entry('news')])
      const [batches, ...others] = await polled
      expect(batches).toMatchObject({ topic: 'health-checks', fromOffset: 0, nextOffset: 1 })
      expect(valuesIn(batches!)).toEqual(['news'])
      expect(others).toEqual([])
    })
  })

  it('returns nothing when nothing comes', async () => {
    const { log } = await world.provisioned()
    await withSession(log, oneTask, async ({ poll }) => {
      expect(await poll([want('requests', 0)], { maxWaitMs: 1 })).toEqual([])
      expect(await poll([want('requests', 0)], { maxWaitMs: 0 })).toEqual([])
    })
  })

  it('returns nothing as soon as the task is to be given up', async () => {
    const { log } = await world.provisioned()
    const polls = journal<number>()
    const member = joinAs(log, oneTask, async ({ poll }) => {
      const polled = poll([want('requests', 0)], { maxWaitMs: longWaitMs })
      polls.note(0)
      polls.note((await polled).length)
    })
    await polls.until((events) => events.length === 1)
    await member.stop()
    expect(polls.events()).toEqual([0, 0])
  })

  it('has no default for a position that is not there', async () => {
    const { log } = await world.provisioned()
    const publisher = await log.publisher()
    await publisher.append('requests', 0, [entry('r0')])
    const polled = withSession(log, oneTask, ({ poll }) =>
      poll([want('requests', 2)], { maxWaitMs: longWaitMs }),
    )
    const error: unknown = await polled.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PositionError)
    expect(error).toMatchObject({
      ...{ topic: 'requests', partition: 0, position: 2, startOffset: 0, endOffset: 1 },
      retriable: false,
    })
  })

  it('finds what the task itself appends, a record without a key included', async () => {
    const { log } = await world.provisioned()
    await withSession(log, oneTask, async ({ append, poll }) => {
      await append('requests', 0, entry('tick'))
      const [batches] = await poll([want('requests', 0)], { maxWaitMs: longWaitMs })
      expect(recordsIn(batches!)).toMatchObject([{ offset: 0, key: null, value: 'tick' }])
    })
    expect(await readAll(log, 'requests', 0)).toHaveLength(1)
  })
}

/** Polls until every partition that has something is read to its end. */
const pollAll = async (
  session: TaskSession,
  wants: readonly Want[],
  bytesMax?: number,
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, string[]> = {}
  const positions = new Map(wants.map((source) => [source.topic, source.position]))
  for (;;) {
    const asked = wants.map((source) => ({ ...source, position: positions.get(source.topic)! }))
    const options = { maxWaitMs: 0, ...(bytesMax === undefined ? {} : { bytesMax }) }
    const arrived = await session.poll(asked, options)
    if (arrived.length === 0) return found
    for (const batches of arrived) {
      ;(found[batches.topic] ??= []).push(...valuesIn(batches))
      positions.set(batches.topic, batches.nextOffset)
    }
  }
}
