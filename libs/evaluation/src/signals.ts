import {
  clear,
  latencySignalOf,
  mergeV2,
  wideHistogram,
  type LatencyHistogram,
} from '@tidemark/histogram'
import {
  mergeInputRanges,
  type Configuration,
  type HistogramShape,
  type InputRange,
  type LatencySignal,
  type Signals,
  type StatusCount,
} from '@tidemark/model'

/** What a service's requests of one window amount to. The histogram stays encoded: some hundred bytes instead of kilobytes. */
export type RequestTally = {
  readonly total: number
  readonly failed: number
  readonly overRange: number
  readonly latencyUsMax: number | null
  readonly histogram: Uint8Array
  readonly incomplete: boolean
  readonly input: InputRange
  /** What objectives count by; null once the window is judged. */
  readonly detail: RequestDetail | null
}

export type RequestDetail = {
  readonly statuses: readonly StatusCount[]
  /** Those that were counted under their own name. */
  readonly operations: readonly OperationTally[]
}

export type OperationTally = Pick<
  RequestTally,
  'total' | 'overRange' | 'latencyUsMax' | 'histogram'
> & { readonly operation: string }

export type CheckTally = {
  readonly passed: number
  readonly failed: number
  readonly incomplete: boolean
  readonly input: InputRange
}

/** A closed window of a service; a source that sent nothing in it is null. */
export type ServiceWindow = {
  readonly endUs: number
  readonly requests: RequestTally | null
  readonly checks: CheckTally | null
}

/** Signals over the windows of a horizon: merged, never averaged, and absent below their minimum samples. */
export const signalsOf = (
  windows: readonly ServiceWindow[],
  { requestsMin, checksMin }: Pick<Configuration, 'requestsMin' | 'checksMin'>,
  shape: HistogramShape,
): Signals => {
  const requests = windows.flatMap((window) => window.requests ?? [])
  const checks = windows.flatMap((window) => window.checks ?? [])
  const total = sum(requests, (tally) => tally.total)
  const passed = sum(checks, (tally) => tally.passed)
  const checked = passed + sum(checks, (tally) => tally.failed)
  const requestsCount = total > 0 && total >= requestsMin
  return {
    errorRate: requestsCount ? { failed: sum(requests, (tally) => tally.failed), total } : null,
    availability: checked > 0 && checked >= checksMin ? { passed, total: checked } : null,
    latency: requestsCount ? latencyOf(requests, shape) : null,
  }
}

/** The windows that a horizon of `horizonUs` before `endUs` still holds. */
export const horizonOf = (
  windows: readonly ServiceWindow[],
  endUs: number,
  horizonUs: number,
): readonly ServiceWindow[] => windows.filter((window) => window.endUs > endUs - horizonUs)

/** Whether records were lost that the signals of these windows would rest on. */
export const isIncomplete = (windows: readonly ServiceWindow[]): boolean =>
  windows.some(
    ({ requests, checks }) => requests?.incomplete === true || checks?.incomplete === true,
  )

/** The input records that the signals of these windows rest on. */
export const inputsOf = (windows: readonly ServiceWindow[]): readonly InputRange[] =>
  mergeInputRanges(
    windows.flatMap(({ requests, checks }) => [
      ...(requests === null ? [] : [requests.input]),
      ...(checks === null ? [] : [checks.input]),
    ]),
  )

const latencyOf = (
  requests: readonly RequestTally[],
  shape: HistogramShape,
): LatencySignal | null => {
  const merged = emptied(shape)
  for (const tally of requests) mergeV2(merged, tally.histogram, tally)
  return latencySignalOf(merged)
}

/** Filled and read within one call: making one for every service in every window would take longer than all the rest. */
let scratch: LatencyHistogram | null = null
const emptied = (shape: HistogramShape): LatencyHistogram => {
  if (scratch?.shape.highestUs !== shape.highestUs) scratch = wideHistogram(shape)
  clear(scratch)
  return scratch
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
