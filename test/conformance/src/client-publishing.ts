import { expect, it } from '@jest/globals'
import { openPublisher, PublisherClosedError, QueueFullError } from '@tidemark/client'
import { encode, EncodeError, partitionOfService, recordReader } from '@tidemark/codec'
import { EntryRefusedError, LogFullError, type Log } from '@tidemark/log'
import type { EpochMs, HealthChecked, InputTopic, Offset, TidemarkEvent } from '@tidemark/model'
import { request, type ClientLogs } from './client-world.ts'
import { flakyLog } from './flaky-log.ts'

const eventsIn = async (
  log: Log,
  topic: InputTopic,
  partition: number,
): Promise<readonly TidemarkEvent[]> => {
  const events: TidemarkEvent[] = []
  const reader = recordReader()
  for (let fromOffset = 0 as Offset; ;) {
    const batches = await log.read({ topic, partition, fromOffset })
    reader.open(batches)
    for (let record = reader.next(); record !== null; record = reader.next()) {
      if (!record.decoded.ok) throw new Error(record.decoded.detail)
      events.push(record.decoded.event)
    }
    fromOffset = batches.nextOffset
    if (fromOffset >= batches.endOffset) return events
  }
}

const partitionOf = (service: string): number => partitionOfService(service, 2).partition

export const describePublishing = (logs: () => Promise<ClientLogs>): void => {
  it('says where each event stands, once it is there', async () => {
    const { log, open } = await logs()
    const publisher = await openPublisher(log)
    const other = await open()
    const check: HealthChecked = {
      ...{ type: 'HealthChecked', id: null, service: 'cart', check: 'http', atUs: 1 },
      ...{ passed: true, latencyUs: null, reason: null },
    }
    const published = await Promise.all([
      publisher.publish(request('checkout', 1)),
      publisher.publish(request('checkout', 2)),
      publisher.publish(check),
    ])
    expect(published).toEqual([
      { topic: 'requests', partition: partitionOf('checkout'), offset: 0 },
      { topic: 'requests', partition: partitionOf('checkout'), offset: 1 },
      { topic: 'health-checks', partition: partitionOf('cart'), offset: 0 },
    ])
    expect(await eventsIn(other, 'requests', partitionOf('checkout'))).toEqual([
      request('checkout', 1),
      request('checkout', 2),
    ])
    expect(await eventsIn(other, 'health-checks', partitionOf('cart'))).toEqual([check])
    await publisher.close()
  })

  it('keeps the order of the calls in each partition, in as many sends as it takes', async () => {
    const { log, open } = await logs()
    const flaky = flakyLog(log)
    const publisher = await openPublisher(flaky.log)
    const services = ['checkout', 'cart', 'search', 'login']
    const events = Array.from({ length: 5000 }, (_, n) => request(services[n % 4]!, n))
    await Promise.all(events.map((event) => publisher.publish(event)))
    const other = await open()
    for (const partition of [0, 1])
      expect(await eventsIn(other, 'requests', partition)).toEqual(
        events.filter(({ service }) => partitionOf(service) === partition),
      )
    expect(flaky.mostAtOnce()).toBe(1)
    expect(flaky.appends.length).toBeLessThan(20)
    await publisher.close()
  })

  it('sends the same bytes again after a failure that may pass, one send at a time', async () => {
    const { log, open } = await logs()
    const flaky = flakyLog(log)
    const publisher = await openPublisher(flaky.log)
    flaky.failNext(2, 'before')
    await Promise.all([publisher.publish(request('a', 1)), publisher.publish(request('a', 2))])
    expect(flaky.appends).toHaveLength(3)
    expect(new Set(flaky.appends.map(({ entries }) => JSON.stringify(entries))).size).toBe(1)
    expect(await eventsIn(await open(), 'requests', partitionOf('a'))).toEqual([
      request('a', 1),
      request('a', 2),
    ])
    // When the answer is lost the events are there twice, under the same ids: the second is a duplicate.
    flaky.failNext(1, 'after')
    const { offset } = await publisher.publish(request('a', 3))
    expect(offset).toBe(3)
    expect((await eventsIn(await open(), 'requests', partitionOf('a'))).slice(2)).toEqual([
      request('a', 3),
      request('a', 3),
    ])
    expect(flaky.mostAtOnce()).toBe(1)
    await publisher.close()
  })

  it('fails the events of a send that failed for good, and goes on with the others', async () => {
    const { log, open } = await logs()
    const flaky = flakyLog(log)
    const publisher = await openPublisher(flaky.log, { retryMs: 0 })
    const full = new LogFullError('no room')
    flaky.failNext(1, 'before', full)
    const lost = [publisher.publish(request('a', 1)), publisher.publish(request('a', 2))]
    expect(await Promise.allSettled(lost)).toEqual([
      { status: 'rejected', reason: full },
      { status: 'rejected', reason: full },
    ])
    flaky.failNext(1, 'before')
    await expect(publisher.publish(request('a', 3))).rejects.toThrow('no answer')
    await publisher.publish(request('a', 4))
    expect(await eventsIn(await open(), 'requests', partitionOf('a'))).toEqual([request('a', 4)])
    await publisher.close()
  })

  it('refuses by itself what can never be published, and nothing else of the same send', async () => {
    const { log } = await logs()
    const publisher = await openPublisher(log)
    const outcomes = await Promise.allSettled([
      publisher.publish(request('a', 1)),
      publisher.publish({ ...request('a', 2), service: 'no such name' }),
      publisher.publish(request('a', 3), 1_795_230_000_000 as EpochMs),
      publisher.publish(request('a', 4)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    const reasons = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason] : [],
    )
    expect(reasons[0]).toBeInstanceOf(EncodeError)
    expect(reasons[1]).toBeInstanceOf(EntryRefusedError)
    await publisher.close()
  })

  it('takes so many events and bytes and no more, and says when there is room', async () => {
    const { log } = await logs()
    const flaky = flakyLog(log)
    const bytes = encode(request('a', 1)).length + 1
    for (const bounds of [{ queuedMax: 3 }, { queuedBytesMax: 3 * bytes }]) {
      const publisher = await openPublisher(flaky.log, bounds)
      const release = flaky.hold()
      const taken = [1, 2, 3].map((n) => publisher.publish(request('a', n)))
      await expect(publisher.publish(request('a', 4))).rejects.toThrow(QueueFullError)
      let isReady = false
      const ready = Promise.all([publisher.ready(), publisher.ready()]).then(() => {
        isReady = true
      })
      await new Promise(setImmediate)
      expect(isReady).toBe(false)
      release()
      await ready
      await publisher.publish(request('a', 5))
      await publisher.ready()
      await Promise.all(taken)
      await publisher.close()
    }
  })

  it('flushes what was published before, whatever is published after', async () => {
    const { log, open } = await logs()
    const flaky = flakyLog(log)
    const publisher = await openPublisher(flaky.log)
    const release = flaky.hold()
    const first = publisher.publish(request('a', 1))
    const flushed = publisher.flush()
    release()
    await first
    // These never get through, and the flush does not wait for them.
    const releaseLater = flaky.hold()
    const later = publisher.publish(request('a', 2))
    await flushed
    expect(await eventsIn(await open(), 'requests', partitionOf('a'))).toEqual([request('a', 1)])
    releaseLater()
    await later
    await publisher.close()
  })

  it('closes when all of it is in the log, and takes nothing from then on', async () => {
    const { log, open } = await logs()
    const publisher = await openPublisher(log)
    const all = Array.from({ length: 50 }, (_, n) => publisher.publish(request('a', n)))
    const closed = Promise.all([publisher.close(), publisher.close()])
    await expect(publisher.publish(request('a', 51))).rejects.toThrow(PublisherClosedError)
    await closed
    expect(await Promise.all(all)).toHaveLength(50)
    expect(await eventsIn(await open(), 'requests', partitionOf('a'))).toHaveLength(50)
  })
}
