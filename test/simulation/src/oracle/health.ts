import type { Configuration } from '@tidemark/model'
import type { Signals } from './signals.ts'

export type Status = 'down' | 'critical' | 'degraded' | 'unknown' | 'healthy'
type Level = Status | null

/** All that was ever judged of a service: no memory is folded together, every question looks back. */
export type Health = {
  readonly judged: readonly Judged[]
  /** Classifications of the latest windows in a row past the exit of the status. */
  readonly run: readonly Status[]
  readonly status: Status
  readonly sinceUs: number
  readonly stale: boolean
}

type Judged = {
  readonly endUs: number
  readonly requests: Level
  readonly checks: Level
  readonly status: Status
}

export const newHealth = (sinceUs: number): Health => ({
  ...{ judged: [], run: [], status: 'unknown', sinceUs, stale: false },
})

/** Domain rules, section 2. */
export const healthAfter = (
  { judged, run, status: before, sinceUs }: Health,
  signals: Signals,
  endUs: number,
  { health, downFailuresMin, staleAfterUs, improveAfterWindows }: Configuration,
): Health => {
  const { errorRate, availability, latency } = signals
  const errors = errorRate === null ? 0 : perMillion(errorRate.failed, errorRate.total)
  const up = availability === null ? 0 : perMillion(availability.passed, availability.total)
  const isOver = (limits: { errorRateAbovePpm: number; p99AboveUs: number }): boolean =>
    errors > limits.errorRateAbovePpm || (latency !== null && latency.p99.lowUs > limits.p99AboveUs)
  const requests: Level =
    errorRate === null
      ? null
      : isOver(health.critical)
        ? 'critical'
        : isOver(health.degraded)
          ? 'degraded'
          : 'healthy'
  const isFirst = judged.every((each) => each.requests === null && each.checks === null)
  const failures = availability === null ? 0 : availability.total - availability.passed
  const isDown = up < health.down.availabilityBelowPpm && (isFirst || failures >= downFailuresMin)
  const checks: Level = availability === null ? null : isDown ? 'down' : 'healthy'

  /** What an absent signal still says: the status it left behind, or else its own level, until it is too old. */
  const held = (kind: 'requests' | 'checks', mine: readonly Status[]): Level => {
    const last = judged.findLast((each) => each[kind] !== null)
    if (last === undefined) return null
    const level = mine.includes(last.status) ? last.status : last[kind]
    if (endUs - last.endUs < staleAfterUs) return level
    return level === 'healthy' ? null : 'unknown'
  }
  const found = worst([
    requests ?? held('requests', ['critical', 'degraded']),
    checks ?? held('checks', ['down']),
  ])

  const isUnder = (limits: { errorRateExitPpm: number; p99ExitUs: number }): boolean =>
    errors < limits.errorRateExitPpm && (latency === null || latency.p99.highUs < limits.p99ExitUs)
  const isPastExit =
    before === 'down'
      ? up >= health.down.availabilityExitPpm
      : before === 'critical'
        ? isUnder(health.critical)
        : isUnder(health.degraded)
  const isBetter = order.indexOf(found) > order.indexOf(before) && before !== 'unknown'
  let status = found
  let nextRun: readonly Status[] = []
  if (isBetter && (before === 'down' ? checks : requests) !== null) {
    nextRun = isPastExit ? [...run, found] : []
    status = nextRun.length < improveAfterWindows ? before : worst(nextRun)
  }
  return {
    judged: [...judged, { endUs, requests, checks, status }],
    run: status === before ? nextRun : [],
    status,
    sinceUs: status === before ? sinceUs : endUs,
    stale: {
      down: checks === null,
      critical: requests === null,
      degraded: requests === null,
      unknown: false,
      healthy: requests === null && checks === null,
    }[status],
  }
}

const perMillion = (part: number, whole: number): number => (part * 1_000_000) / whole

const order: readonly Status[] = ['down', 'critical', 'degraded', 'unknown', 'healthy']
const worst = (levels: readonly Level[]): Status =>
  order.find((status) => levels.includes(status)) ?? 'unknown'
