import type { HealthStatus } from '@tidemark/model'
import type { PlatformReport } from '../platform.ts'
import type { AlertHistory } from './alert-history.ts'
import type { ReportDiff } from './report-diff.ts'
import type { SloHour } from './slo-figures.ts'

/** A report and how it came to be: for those who read it once a week. */
export type Digest = {
  readonly report: PlatformReport
  /** Beginning of the time that it looks back on; its end is the report's. */
  readonly fromUs: number
  /** Null where nothing was judged at its beginning. */
  readonly diff: ReportDiff | null
  /** Alerts that were up within the time, in the order in which they were raised. */
  readonly alerts: readonly AlertHistory[]
  /** Of services that the report names, those first that it names first; at most `digestServicesMax`. */
  readonly services: readonly ServiceHistory[]
}

/** Services that a digest shows the history of. */
export const digestServicesMax = 50
/** How far a digest looks back where nobody says. */
export const digestDefaultUs = 7 * 86_400_000_000

export type ServiceHistory = {
  readonly service: string
  /** In order of time; before the first one nothing is known. */
  readonly statuses: readonly StatusChange[]
  readonly latencies: readonly HourlyLatency[]
  readonly objectives: readonly SloHour[]
}

/** A status that holds from a window end on, until the next one. */
export type StatusChange = { readonly sinceUs: number; readonly status: HealthStatus }

/** The highest p99 that any horizon of an hour had. */
export type HourlyLatency = { readonly hourStartUs: number; readonly p99UsMax: number }

/** How long each status held within `[fromUs, toUs)`; nothing for the time before the first. */
export const statusSpans = (
  statuses: readonly StatusChange[],
  fromUs: number,
  toUs: number,
): readonly StatusSpan[] =>
  statuses
    .map(({ sinceUs, status }, at) => ({
      status,
      fromUs: Math.max(sinceUs, fromUs),
      toUs: Math.min(statuses[at + 1]?.sinceUs ?? toUs, toUs),
    }))
    .filter((span) => span.toUs > span.fromUs)

export type StatusSpan = {
  readonly status: HealthStatus
  readonly fromUs: number
  readonly toUs: number
}
