import { decodeV2, p50, p99, quantileOf, rankOf, type Share } from '@tidemark/histogram'
import { defaultLayout } from '@tidemark/model'

/** Latencies of a service in a window, sorted, and how many of its requests failed. */
export type Sample = { readonly latenciesUs: Int32Array; readonly errors: number }

export const sampleOf = (latenciesUs: ArrayLike<number>, errors: number): Sample => ({
  latenciesUs: Int32Array.from(latenciesUs).sort(),
  errors,
})

export const bothOf = (a: Sample | undefined, b: Sample | undefined): Sample =>
  sampleOf(
    [...(a?.latenciesUs ?? []), ...(b?.latenciesUs ?? [])],
    (a?.errors ?? 0) + (b?.errors ?? 0),
  )

/** A window as one of the contenders closed it. */
export type ClosedWindow = {
  readonly service: string
  readonly startUs: number
  readonly count: number
  readonly errors: number
  readonly maxUs: number
  /** HdrHistogram V2. */
  readonly histogram: Uint8Array
}

/** The windows that must have been closed, no more and no less. */
export type ExpectedWindows = {
  readonly windows: number
  /** Null: there is no such window. */
  readonly of: (service: string, startUs: number) => Sample | null
}

/**
 * Throws unless these are the expected windows, each of them once: count, errors and maximum to the digit, and the exact p50 and p99 of the
 * latencies, which were sorted, within the slots of the histogram that hold these ranks.
 */
export const checkWindows = (closed: readonly ClosedWindow[], expected: ExpectedWindows): void => {
  const seen = new Set<string>()
  for (const window of closed) {
    const name = `${window.service} at ${window.startUs}`
    if (seen.has(name)) throw new Error(`${name}: closed twice`)
    seen.add(name)
    const sample = expected.of(window.service, window.startUs)
    if (sample === null) throw new Error(`${name}: no such window was expected`)
    const fault = faultOf(window, sample)
    if (fault !== null) throw new Error(`${name}: ${fault}`)
  }
  if (seen.size !== expected.windows)
    throw new Error(`${seen.size} windows were closed, ${expected.windows} expected`)
}

const faultOf = (window: ClosedWindow, { latenciesUs, errors }: Sample): string | null => {
  const { count, maxUs } = window
  if (count !== latenciesUs.length) return `${count} requests, not ${latenciesUs.length}`
  if (window.errors !== errors) return `${window.errors} errors, not ${errors}`
  if (maxUs !== latenciesUs.at(-1)) return `maximum ${maxUs} us, not ${latenciesUs.at(-1) ?? '-'}`
  const beside = { overRange: 0, latencyUsMax: maxUs }
  const histogram = decodeV2(window.histogram, defaultLayout.histogram, beside)
  if (histogram.total !== count) return `${histogram.total} latencies of ${count} requests`
  for (const share of [p50, p99]) {
    const exactUs = latenciesUs[rankOf(share, count) - 1]!
    const { lowUs, highUs } = quantileOf(histogram, share)!
    if (exactUs < lowUs || exactUs > highUs)
      return `p${percent(share)} of ${lowUs} to ${highUs} us, exactly it is ${exactUs} us`
  }
  return null
}

const percent = ({ numerator, denominator }: Share): number => (100 * numerator) / denominator
