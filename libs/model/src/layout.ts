import { canonicalJson } from './canonical.ts'
import { defaultConfiguration, type Configuration } from './configuration.ts'
import { contentId, type Id } from './identity.ts'
import { defaultLimits, limitFaults, type Limits } from './limits.ts'

/**
 * What cannot change while data flows. Fixed at provisioning and stored in `catalog`; a process that was started with
 * another layout stops (design: idea 4).
 */
export type Layout = {
  /** Version of the semantics: raised when the same inputs would give other outputs. */
  readonly semantics: 2
  /** In front of every topic name, for example `prod.`; may be empty. */
  readonly prefix: string
  readonly partitions: number
  readonly windowUs: number
  readonly graceUs: number
  readonly maxFutureSkewUs: number
  readonly tickIntervalMs: number
  /** Who stamps the records of input topics. */
  readonly timestamps: 'broker' | 'producer'
  readonly histogram: HistogramShape
  readonly limits: Limits
  readonly configuration: Configuration
}

export type HistogramShape = {
  readonly lowestUs: 1
  readonly highestUs: number
  readonly digits: 2
}

const second = 1_000_000

const histogram: HistogramShape = { lowestUs: 1, highestUs: 600 * second, digits: 2 }

export const defaultLayout: Layout = {
  semantics: 2,
  prefix: '',
  partitions: 4,
  windowUs: 10 * second,
  graceUs: 5 * second,
  maxFutureSkewUs: 10 * second,
  tickIntervalMs: 1000,
  timestamps: 'broker',
  histogram,
  limits: defaultLimits,
  configuration: defaultConfiguration,
}

/** Every way in which `layout` is unusable, in words; empty when it can be provisioned. */
export const layoutFaults = (layout: Layout): readonly string[] => {
  const faults: string[] = []
  const check = (holds: boolean, what: string): void => {
    if (!holds) faults.push(what)
  }
  const { windowUs, partitions, prefix } = layout
  check(Number.isSafeInteger(windowUs) && windowUs >= second, `window: ${windowUs} us is under 1 s`)
  check(
    (60 * second) % windowUs === 0,
    `window: ${windowUs} us does not divide one minute, as burn rates need it`,
  )
  check(layout.graceUs >= 0, `grace: ${layout.graceUs} us is negative`)
  check(layout.graceUs % 1000 === 0, `grace: ${layout.graceUs} us is not whole milliseconds`)
  check(layout.maxFutureSkewUs >= 0, `future skew: ${layout.maxFutureSkewUs} us is negative`)
  check(
    Number.isInteger(partitions) && partitions >= 1 && partitions <= 1024,
    `partitions: ${partitions} is not an integer of 1 to 1024`,
  )
  check(
    /^[A-Za-z0-9._-]{0,64}$/.test(prefix),
    `prefix: ${JSON.stringify(prefix)} is not up to 64 characters of [A-Za-z0-9._-]`,
  )
  check(
    isWithin(layout.tickIntervalMs, 100, 60_000),
    `tick interval: ${layout.tickIntervalMs} ms is not an integer of 100 to 60000`,
  )
  const { lowestUs, highestUs, digits } = layout.histogram
  check(
    highestUs === histogram.highestUs && isHistogramKept(layout.histogram),
    `histogram: ${lowestUs} to ${highestUs} us with ${digits} digits is not the one shape there is, 1 to ${histogram.highestUs} us with 2 digits`,
  )
  const open = openWindowsMax(layout)
  check(
    !(open > openWindowsLimit),
    `grace and future skew: ${open} windows of a partition would be open at a time, at most ${openWindowsLimit} may`,
  )
  const { unregisteredMax } = layout.configuration
  check(
    isWithin(unregisteredMax, 0, 1_000_000),
    `unregistered services: ${unregisteredMax} is not an integer of 0 to 1000000`,
  )
  return [...faults, ...limitFaults(layout.limits)]
}

const isWithin = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max

/** As the type says; what comes from outside need not. */
const isHistogramKept = ({ lowestUs, digits }: { lowestUs: number; digits: number }): boolean =>
  lowestUs === histogram.lowestUs && digits === histogram.digits

const openWindowsLimit = 1000

/** Windows of a partition that take events at a time: those in their grace, the current one, and as far ahead as events may be. */
export const openWindowsMax = ({ windowUs, graceUs, maxFutureSkewUs }: Layout): number =>
  Math.ceil(graceUs / windowUs) + 1 + Math.ceil(maxFutureSkewUs / windowUs)

/** The same layout has the same id on every machine. */
export const layoutId = (layout: Layout): Id => contentId(canonicalJson(layout))
