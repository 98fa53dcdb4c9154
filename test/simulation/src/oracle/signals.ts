import type { Configuration, HistogramShape } from '@tidemark/model'
import type { ClosedRow, Placed } from './aggregates.ts'
import { quantileOf } from './latencies.ts'
import { rangeOf } from './row-fields.ts'

/** What a service sent in the windows that count. */
export type Horizon = readonly ClosedRow[]

export type Signals = {
  readonly errorRate: { readonly failed: number; readonly total: number } | null
  readonly availability: { readonly passed: number; readonly total: number } | null
  readonly latency: {
    readonly count: number
    readonly overRange: number
    readonly maxUs: number
    readonly p50: Quantile
    readonly p95: Quantile
    readonly p99: Quantile
    readonly p999: Quantile
  } | null
}

type Quantile = ReturnType<typeof quantileOf>

/** From every event there was, nothing merged; absent below the minimum samples. */
export const signalsOf = (
  horizon: Horizon,
  configuration: Configuration,
  histogram: HistogramShape,
): Signals => {
  const requests = eventsOf(horizon, 'RequestWindowClosed')
  const checks = eventsOf(horizon, 'HealthWindowClosed')
  const speaks = requests.length >= Math.max(1, configuration.requestsMin)
  const sortedUs = requests.map(({ event }) => event.latencyUs).sort((a, b) => a - b)
  return {
    errorRate: speaks ? { failed: failuresIn(requests), total: requests.length } : null,
    availability:
      checks.length >= Math.max(1, configuration.checksMin)
        ? { passed: checks.length - failuresIn(checks), total: checks.length }
        : null,
    latency: speaks
      ? {
          count: requests.length,
          overRange: sortedUs.filter((us) => us > histogram.highestUs).length,
          maxUs: sortedUs.at(-1)!,
          p50: quantileOf(sortedUs, 500, histogram),
          p95: quantileOf(sortedUs, 950, histogram),
          p99: quantileOf(sortedUs, 990, histogram),
          p999: quantileOf(sortedUs, 999, histogram),
        }
      : null,
  }
}

/** The input records that a horizon rests on, sorted by topic; a record counts once for each window. */
export const inputsOf = (horizon: Horizon, partition: number): readonly object[] =>
  (['HealthWindowClosed', 'RequestWindowClosed'] as const).flatMap((type) => {
    const ranges = horizon
      .filter((row) => row.type === type)
      .map(({ placed }) => rangeOf(placed, topicOf[type], partition))
    if (ranges.length === 0) return []
    return {
      ...{ topic: topicOf[type], partition },
      firstOffset: Math.min(...ranges.map(({ firstOffset }) => firstOffset)),
      lastOffset: Math.max(...ranges.map(({ lastOffset }) => lastOffset)),
      records: ranges.reduce((total, { records }) => total + records, 0),
      events: ranges.reduce((total, { events }) => total + events, 0),
    }
  })

const topicOf = {
  RequestWindowClosed: 'requests',
  HealthWindowClosed: 'health-checks',
} as const

const eventsOf = (horizon: Horizon, type: ClosedRow['type']): readonly Placed[] =>
  horizon.filter((row) => row.type === type).flatMap(({ placed }) => placed)

const failuresIn = (placed: readonly Placed[]): number =>
  placed.filter(({ event }) => !event.ok).length
