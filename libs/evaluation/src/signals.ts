import { mergedSignalOf } from '@tidemark/histogram'
import {
  mergeInputRanges,
  type Configuration,
  type HistogramShape,
  type InputRange,
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
  const tallies: RequestTally[] = []
  let total = 0
  let failed = 0
  let passed = 0
  let checked = 0
  for (const { requests, checks } of windows) {
    if (requests !== null) {
      tallies.push(requests)
      total += requests.total
      failed += requests.failed
    }
    if (checks !== null) {
      passed += checks.passed
      checked += checks.passed + checks.failed
    }
  }
  const requestsCount = total > 0 && total >= requestsMin
  return {
    errorRate: requestsCount ? { failed, total } : null,
    availability: checked > 0 && checked >= checksMin ? { passed, total: checked } : null,
    latency: requestsCount ? mergedSignalOf(tallies, shape) : null,
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
export const inputsOf = (windows: readonly ServiceWindow[]): readonly InputRange[] => {
  const ranges: InputRange[] = []
  for (const { requests, checks } of windows) {
    if (requests !== null) ranges.push(requests.input)
    if (checks !== null) ranges.push(checks.input)
  }
  return mergeInputRanges(ranges)
}
