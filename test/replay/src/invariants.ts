import type { ReadableLog } from '@tidemark/cli'
import { decodeV2, emptyHistogram, encodeV2, merge } from '@tidemark/histogram'
import {
  derivedTopics,
  ledgerBalances,
  type AlertEvent,
  type HistogramShape,
  type Layout,
  type RequestCounts,
  type RequestWindowClosed,
  type TidemarkEvent,
} from '@tidemark/model'
import { derivedEvents, ofType } from './derived-events.ts'

/**
 * What is wrong with the derived topics of a log, by the numbers of the invariants; empty when nothing is. For logs that commit
 * atomically, where not even repeats are in order.
 */
export const violationsIn = async (
  log: ReadableLog,
  { histogram }: Pick<Layout, 'histogram'>,
): Promise<readonly string[]> => {
  const topics = await Promise.all(
    derivedTopics.map(async (topic) => [topic, await derivedEvents(log, topic)] as const),
  )
  const aggregates = topics.find(([topic]) => topic === 'aggregates')![1]
  const alerts = topics.find(([topic]) => topic === 'alerts')![1]
  return [
    ...unbalanced(aggregates),
    ...ofType(aggregates, 'RequestWindowClosed').flatMap((row) => wrongCounts(row, histogram)),
    ...closedTwice(aggregates),
    ...topics.flatMap(([topic, events]) => causedTwice(events).map((what) => `${topic} ${what}`)),
    ...brokenEpisodes(alerts as readonly AlertEvent[]),
  ]
}

/** I2 at every advance. */
const unbalanced = (aggregates: readonly TidemarkEvent[]): readonly string[] =>
  ofType(aggregates, 'PartitionAdvanced')
    .filter(({ ledger }) => !ledgerBalances(ledger))
    .map(({ topic, partition, position }) => `I2: ${topic}/${partition} at ${position}`)

/** I3: the parts of a row agree, and the merge of its operations is the row. */
const wrongCounts = (row: RequestWindowClosed, shape: HistogramShape): readonly string[] => {
  const merged = emptyHistogram(shape)
  for (const operation of row.operations) merge(merged, histogramOf(operation, shape))
  const sum = (pick: (counts: RequestCounts) => number): number =>
    row.operations.reduce((total, operation) => total + pick(operation), 0)
  const faults = {
    'operations do not add up to the total': sum(({ total }) => total) !== row.total,
    'operations do not add up to the failures': sum(({ failed }) => failed) !== row.failed,
    'merged operations are another histogram': !Buffer.from(encodeV2(merged)).equals(row.histogram),
    'slots or statuses do not add up': [row, ...row.operations].some(
      (counts) =>
        histogramOf(counts, shape).total !== counts.total ||
        counts.statuses.reduce((total, { events }) => total + events, 0) !== counts.total,
    ),
  }
  return Object.entries(faults)
    .filter(([, holds]) => holds)
    .map(([what]) => `I3: ${row.service} ${row.windowStartUs}: ${what}`)
}

const histogramOf = (
  { histogram, overRange, latencyUsMax }: RequestCounts,
  shape: HistogramShape,
) => decodeV2(histogram, shape, { overRange, latencyUsMax })

/** I4: a window of a service is closed once per source. */
const closedTwice = (aggregates: readonly TidemarkEvent[]): readonly string[] =>
  repeated(
    [...ofType(aggregates, 'RequestWindowClosed'), ...ofType(aggregates, 'HealthWindowClosed')].map(
      ({ type, service, overflow, windowStartUs, cause }) =>
        // Services above the cap share a row in each partition.
        `I4: ${type} ${service} ${windowStartUs}${overflow ? ` of ${cause.partition}` : ''}`,
    ),
  )

/** Exactly-once: in the committed view causes rise, so none is there twice. */
const causedTwice = (events: readonly TidemarkEvent[]): readonly string[] => {
  const last = new Map<string, readonly [number, number]>()
  return events.flatMap((event) => {
    if (!('cause' in event)) return []
    const { cause } = event
    const [source, at] =
      'topic' in cause
        ? [`${cause.topic}/${cause.partition}`, cause.offset]
        : [`partition ${cause.partition}`, cause.windowEndUs]
    const [lastAt, lastIndex] = last.get(source) ?? [-1, -1]
    last.set(source, [at, cause.index])
    return at > lastAt || (at === lastAt && cause.index > lastIndex)
      ? []
      : [`I4: ${source}: ${at}, ${cause.index} after ${lastAt}, ${lastIndex}`]
  })
}

/** I7: each episode is raised once and resolved at most once, the next only after that, under one id from its raise to its end. */
const brokenEpisodes = (alerts: readonly AlertEvent[]): readonly string[] => {
  const states = new Map<string, { readonly episode: number; readonly firing: string | null }>()
  const raised = alerts.filter(({ type }) => type === 'AlertRaised')
  const broken = alerts.flatMap((alert) => {
    const { episode, firing } = states.get(alert.fingerprint) ?? { episode: 0, firing: null }
    const isRaise = alert.type === 'AlertRaised'
    const isInOrder = isRaise
      ? firing === null && alert.episode === episode + 1
      : firing === alert.alertId && alert.episode === episode
    states.set(alert.fingerprint, {
      episode: alert.episode,
      firing: alert.type === 'AlertResolved' ? null : alert.alertId,
    })
    return isInOrder
      ? []
      : [`I7: ${alert.rule} of ${alert.service}: ${alert.type} of episode ${alert.episode}`]
  })
  return [...broken, ...repeated(raised.map(({ alertId }) => `I7: raised ${alertId}`))]
}

const repeated = (names: readonly string[]): readonly string[] => {
  const seen = new Set<string>()
  return names.flatMap((name) => {
    if (seen.has(name)) return [`${name} twice`]
    seen.add(name)
    return []
  })
}
