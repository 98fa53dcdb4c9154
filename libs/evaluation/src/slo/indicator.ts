import { countAtOrUnder, decodeV2 } from '@tidemark/histogram'
import {
  unreachable,
  type HistogramShape,
  type Indicator,
  type SloCounts,
  type StatusRange,
} from '@tidemark/model'
import type { OperationTally, ServiceWindow } from '../signals.ts'
import { globOf } from './glob.ts'

/** Valid and bad events of a service's window, as an objective counts them. */
export type CountWindow = (window: ServiceWindow) => SloCounts

const none: SloCounts = { valid: 0, bad: 0 }

/** Source: domain.md section 4. */
export const counterOf = (indicator: Indicator, shape: HistogramShape): CountWindow => {
  switch (indicator.kind) {
    case 'availability': {
      const { badStatuses } = indicator
      return ({ requests }) => {
        if (requests === null) return none
        const { total, failed, detail } = requests
        const bad = badStatuses === null ? failed : inRanges(detail?.statuses ?? [], badStatuses)
        return { valid: total, bad }
      }
    }
    case 'uptime':
      return ({ checks }) =>
        checks === null ? none : { valid: checks.passed + checks.failed, bad: checks.failed }
    case 'latency': {
      const slower = slowerThan(indicator.thresholdUs, shape)
      return ({ requests }) =>
        requests === null ? none : { valid: requests.total, bad: slower(requests) }
    }
    case 'job-latency': {
      const slower = slowerThan(indicator.thresholdUs, shape)
      const isJob = globOf(indicator.operations)
      return ({ requests }) => {
        const jobs = requests?.detail?.operations.filter(({ operation }) => isJob(operation)) ?? []
        return {
          valid: jobs.reduce((sum, { total }) => sum + total, 0),
          bad: jobs.reduce((sum, job) => sum + slower(job), 0),
        }
      }
    }
    default:
      return unreachable(indicator)
  }
}

type Latencies = Omit<OperationTally, 'operation'>

/** Requests above a threshold; the slot that holds it counts as under. One beyond the range is taken for its end. */
const slowerThan = (thresholdUs: number, shape: HistogramShape): ((of: Latencies) => number) => {
  const inRange = Math.min(thresholdUs, shape.highestUs)
  return (of) =>
    // The maximum is exact and stands beside the histogram: most windows need not be decoded.
    of.latencyUsMax === null || of.latencyUsMax <= inRange
      ? 0
      : of.total - countAtOrUnder(decodeV2(of.histogram, shape, of), inRange)
}

const inRanges = (
  statuses: readonly { readonly status: number; readonly events: number }[],
  ranges: readonly StatusRange[],
): number =>
  statuses
    .filter(({ status }) => ranges.some(({ from, to }) => status >= from && status <= to))
    .reduce((sum, { events }) => sum + events, 0)
