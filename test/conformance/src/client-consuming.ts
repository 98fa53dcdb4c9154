import { expect, it } from '@jest/globals'
import {
  consumeAlerts,
  consumeAlertsInGroup,
  type AlertConsumerOptions,
  type AlertPositions,
  type ConsumedAlert,
} from '@tidemark/client'
import type { Log } from '@tidemark/log'
import type { AlertEvent } from '@tidemark/model'
import { alert, writeAlerts, type ClientLogs } from './client-world.ts'

const never = new AbortController().signal

const taken = async (
  log: Log,
  options: Partial<AlertConsumerOptions>,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly ConsumedAlert[]> => {
  const alerts: ConsumedAlert[] = []
  const all = { from: 'earliest', untilEnd: true, signal: never, ...options } as const
  if (most === 0) return alerts
  for await (const consumed of consumeAlerts(log, all)) {
    alerts.push(consumed)
    if (alerts.length >= most) break
  }
  return alerts
}

const eventsOf = (alerts: readonly ConsumedAlert[], partition: number) =>
  alerts.filter((each) => each.partition === partition).map(({ event }) => event)

/** Alerts of both partitions as at-least-once delivery leaves them: the writer went back twice. */
const withRepeats = async (log: Log) => {
  const first = [0, 1].flatMap((p) => [0, 1, 2, 3].map((n) => alert(p, n)))
  const second = [0, 1].flatMap((p) => [2, 3, 4, 5].map((n) => alert(p, n)))
  for (const alerts of [first, second, second]) await writeAlerts(log, alerts)
  return (partition: number) => [0, 1, 2, 3, 4, 5].map((n) => alert(partition, n))
}

export const describeConsuming = (logs: () => Promise<ClientLogs>): void => {
  it('gives each alert event once, in the order of its partition', async () => {
    const { log, open } = await logs()
    const expected = await withRepeats(log)
    const alerts = await taken(await open(), {})
    for (const partition of [0, 1]) expect(eventsOf(alerts, partition)).toEqual(expected(partition))
  })

  it('gives events of every kind that an alert has', async () => {
    const { log } = await logs()
    const types = [
      ...(['AlertRaised', 'AlertMarked', 'AlertSeverityChanged'] as const),
      ...(['AlertEscalated', 'AlertAcknowledged', 'AlertResolved'] as const),
    ]
    const alerts = types.map((type, n) => alert(0, n, type))
    await writeAlerts(log, alerts)
    expect(eventsOf(await taken(log, {}), 0)).toEqual(alerts)
  })

  it('goes on from positions that were kept as JSON, wherever it stopped', async () => {
    const { log } = await logs()
    const expected = await withRepeats(log)
    for (let most = 0; most <= 12; most++) {
      const before = await taken(log, {}, most)
      const kept = JSON.stringify(before.at(-1)?.positions ?? [])
      const after = await taken(log, { from: JSON.parse(kept) as AlertPositions })
      for (const partition of [0, 1])
        expect(eventsOf([...before, ...after], partition)).toEqual(expected(partition))
    }
  })

  it('waits for what comes, and ends when it is told', async () => {
    const { log, open } = await logs()
    await withRepeats(log)
    const stop = new AbortController()
    const seen: AlertEvent[] = []
    const consuming = (async () => {
      const options = { from: 'latest', signal: stop.signal } as const
      for await (const { event } of consumeAlerts(log, options)) {
        seen.push(event)
        if (seen.length === 2) stop.abort()
      }
    })()
    // One after the other, until the consumer, which may not have found the end yet, has seen two.
    const writer = await open()
    for (let n = 6; !stop.signal.aborted; n++) await writeAlerts(writer, [alert(0, n)])
    await consuming
    expect(seen).toHaveLength(2)
    expect(seen[1]!.cause).not.toEqual(seen[0]!.cause)
  })

  it('gives nothing when it is told to end before it begins', async () => {
    const { log } = await logs()
    await withRepeats(log)
    expect(await taken(log, { untilEnd: false, signal: AbortSignal.abort() })).toEqual([])
  })

  it('keeps the position of a group over restarts, and gives again what was not done', async () => {
    const { log, open } = await logs()
    const expected = await withRepeats(log)
    const handled: AlertEvent[][] = [[], []]
    const run = async (from: Log, failAt: number): Promise<void> => {
      const stop = new AbortController()
      let count = 0
      const onAlert = (event: AlertEvent, partition: number): Promise<void> => {
        if (++count === failAt) return Promise.reject(new Error('in the middle'))
        handled[partition]!.push(event)
        if (handled.flat().length === 12) stop.abort()
        return Promise.resolve()
      }
      await consumeAlertsInGroup(from, { group: 'pager', onAlert, signal: stop.signal })
    }
    let restarts = 0
    for (; handled.flat().length < 12; restarts++)
      await run(await open(), 4).catch((error: unknown) => {
        expect(error).toEqual(new Error('in the middle'))
      })
    expect(restarts).toBeGreaterThan(2)
    for (const partition of [0, 1]) {
      // Both partitions are worked on at once, so that one may have been stopped by the failure of the other before its position was saved.
      const ids = handled[partition]!.map(({ id }) => id)
      expect([...new Set(ids)]).toEqual(expected(partition).map(({ id }) => id))
    }
  })

  it('lets the members of a group share the partitions, and groups be apart', async () => {
    const { log, open } = await logs()
    const expected = await withRepeats(log)
    for (const group of ['pager', 'archive']) {
      const stop = new AbortController()
      const handled: [AlertEvent, number][] = []
      const onAlert = (event: AlertEvent, partition: number): Promise<void> => {
        handled.push([event, partition])
        if (handled.length === 12) stop.abort()
        return Promise.resolve()
      }
      const members = [await open(), await open()]
      await Promise.all(
        members.map((member) =>
          consumeAlertsInGroup(member, { group, onAlert, signal: stop.signal }),
        ),
      )
      for (const partition of [0, 1])
        expect(handled.flatMap(([event, p]) => (p === partition ? [event] : []))).toEqual(
          expected(partition),
        )
    }
  })
}
