import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { connect, type Connection } from '@tidemark/assembly'
import { recordReader } from '@tidemark/codec'
import { UnavailableError, type Log, type LogPublisher } from '@tidemark/log'
import { defaultLayout, type Layout } from '@tidemark/model'
import { live, trafficOf, type TrafficEvent } from '@tidemark/traffic'
import { runLiveTraffic, type LiveClock, type LiveEvent } from './live.ts'

const second = 1_000_000
const startUs = 1_800_000_000 * second

const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const emptyLog = async (timestamps: Layout['timestamps'] = 'broker'): Promise<Connection> => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-simulator-'))
  cleanUps.push(() => {
    rmSync(folder, { recursive: true })
  })
  const connection = await connect({ kind: 'embedded', folder }, { ...defaultLayout, timestamps })
  cleanUps.push(connection.log.close)
  return connection
}

/** Time that passes only while somebody sleeps. */
const sleepingClock = (stop: AbortController, untilUs: number) => {
  let nowUs = startUs
  const pass = (us: number): void => {
    nowUs += us
    if (nowUs >= untilUs) stop.abort()
  }
  const clock: LiveClock = {
    nowUs: () => nowUs,
    sleep: (ms) => {
      pass(ms * 1000)
      return Promise.resolve()
    },
  }
  return { clock, pass }
}

/** The log, with something done before each append. */
const withAppends = (log: Log, before: (entries: number) => void): Log => ({
  ...log,
  publisher: async (options) => {
    const publisher = await log.publisher(options)
    const append: LogPublisher['append'] = (topic, partition, entries) => {
      before(entries.length)
      return publisher.append(topic, partition, entries)
    }
    return { ...publisher, append }
  },
})

/** Every event on the log, sorted by time and id. */
const eventsOn = async ({ log }: Connection): Promise<readonly TrafficEvent[]> => {
  const reader = recordReader()
  const events: TrafficEvent[] = []
  for (const topic of ['requests', 'health-checks'] as const)
    for (const { partition, startOffset } of await log.bounds(topic))
      for (let position = startOffset; ;) {
        const batches = await log.read({ topic, partition, fromOffset: position, maxWaitMs: 0 })
        reader.open(batches)
        for (let record = reader.next(); record !== null; record = reader.next()) {
          const { decoded } = record
          if (decoded.ok && decoded.event.type !== 'Tick')
            events.push(decoded.event as TrafficEvent)
        }
        position = batches.nextOffset
        if (position >= batches.endOffset) break
      }
  return events.sort(byTime)
}

const byTime = (a: TrafficEvent, b: TrafficEvent): number =>
  a.atUs === b.atUs ? (a.id! < b.id! ? -1 : 1) : a.atUs - b.atUs

describe('runLiveTraffic', () => {
  it('sends what is due, all of it and once, until it is stopped', async () => {
    const connection = await emptyLog()
    const stop = new AbortController()
    const { clock } = sleepingClock(stop, startUs + 30 * second)
    let sent = 0
    const observe = (event: LiveEvent): void => {
      if (event.kind === 'sent') sent += event.events
    }
    await runLiveTraffic({ ...connection, seed: 7, clock, observe }, stop.signal)
    const events = await eventsOn(connection)
    // The last round is the one before the sleep that ends it.
    const lastUs = startUs + 30 * second - 150_000
    const due = trafficOf(live({ startUs, durationUs: 60 * second }), { seed: 7 }).events()
    const expected = [...due].filter(({ sentUs }) => sentUs <= lastUs).map(({ event }) => event)
    expect(events).toEqual(expected.sort(byTime))
    expect(sent).toBe(events.length)
  })

  it('refuses a log that takes its timestamps from its producers', async () => {
    const connection = await emptyLog('producer')
    await expect(runLiveTraffic(connection, new AbortController().signal)).rejects.toThrow(
      /takes its timestamps from its producers/,
    )
  })

  it('tries an append again, with the same ids, when the log cannot be reached', async () => {
    const connection = await emptyLog()
    const stop = new AbortController()
    const { clock } = sleepingClock(stop, startUs + 5 * second)
    let failures = 3
    const log = withAppends(connection.log, () => {
      if (failures-- > 0) throw new UnavailableError('out of reach')
    })
    const observed: LiveEvent[] = []
    const observe = (event: LiveEvent): number => observed.push(event)
    await runLiveTraffic({ ...connection, log, seed: 7, clock, observe }, stop.signal)
    expect(observed.filter(({ kind }) => kind === 'retried')).toHaveLength(3)
    const ids = (await eventsOn(connection)).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const sent = observed.reduce((sum, one) => sum + (one.kind === 'sent' ? one.events : 0), 0)
    expect(ids).toHaveLength(sent)
  })

  it('gives up on an error that does not pass', async () => {
    const connection = await emptyLog()
    const stop = new AbortController()
    const { clock } = sleepingClock(stop, startUs + 5 * second)
    const log = withAppends(connection.log, () => {
      throw new RangeError('broken')
    })
    await expect(
      runLiveTraffic({ ...connection, log, seed: 7, clock }, stop.signal),
    ).rejects.toThrow('broken')
  })

  it('waits for a slow log instead of holding more and more, and makes up for nothing', async () => {
    const connection = await emptyLog()
    const stop = new AbortController()
    const { clock, pass } = sleepingClock(stop, startUs + 200 * second)
    let largest = 0
    const log = withAppends(connection.log, (entries) => {
      largest = Math.max(largest, entries)
      pass(3 * second)
    })
    const observed: LiveEvent[] = []
    const observe = (event: LiveEvent): number => observed.push(event)
    await runLiveTraffic({ ...connection, log, rate: 1000, seed: 7, clock, observe }, stop.signal)
    const rounds = observed.flatMap((event) => (event.kind === 'sent' ? [event.events] : []))
    expect(Math.max(...rounds)).toBeLessThanOrEqual(10_000)
    expect(largest).toBeLessThanOrEqual(2000)
    expect(observed.some((event) => event.kind === 'moved' && event.byUs > second)).toBe(true)
  })
})
