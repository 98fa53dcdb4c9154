import { canonicalJson } from './canonical.ts'
import { contentId, type Id } from './identity.ts'
import type { Severity } from './health.ts'
import { defaultLimits, limitFaults, type Limits } from './limits.ts'

/**
 * What cannot change while data flows. Fixed at provisioning and stored in `catalog`; a process that was started with
 * another layout stops (design: idea 4).
 */
export type Layout = {
  /** Version of the semantics: raised when the same inputs would give other outputs. */
  readonly semantics: 1
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

/** The configuration in force from the beginning, its defaults resolved. */
export type Configuration = {
  readonly horizonUs: number
  readonly requestsMin: number
  readonly checksMin: number
  readonly health: HealthThresholds
  readonly improveAfterWindows: number
  readonly downFailuresMin: number
  readonly staleAfterUs: number
  readonly absentAfterUs: number
  readonly forgetAfterUs: number
  /** What happens to services that `services` does not name. */
  readonly unregistered: 'register' | 'ignore'
  /** Unregistered services that one partition follows at a time. */
  readonly unregisteredMax: number
  readonly services: readonly RegisteredService[]
  readonly rules: readonly Rule[]
}

export type RegisteredService = { readonly service: string; readonly team: string | null }

/** Ratios in parts per million, latencies in microseconds: integers, so that comparisons are exact. */
export type HealthThresholds = {
  readonly degraded: Thresholds
  readonly critical: Thresholds
  /** Entered below `availabilityBelowPpm`, left at or above `availabilityExitPpm`. */
  readonly down: { readonly availabilityBelowPpm: number; readonly availabilityExitPpm: number }
}

export type Thresholds = {
  readonly errorRateAbovePpm: number
  readonly p99AboveUs: number
  readonly errorRateExitPpm: number
  readonly p99ExitUs: number
}

export type SignalName = 'error_rate' | 'availability' | 'p50' | 'p95' | 'p99'

export type Rule =
  | { readonly kind: 'health'; readonly id: string }
  | {
      readonly kind: 'threshold'
      readonly id: string
      readonly severity: Severity
      readonly signal: SignalName
      readonly operator: '>' | '<'
      /** Parts per million for ratios, microseconds for latencies. */
      readonly value: number
      readonly forUs: number
      readonly keepFiringForUs: number
    }
  | { readonly kind: 'absence'; readonly id: string; readonly severity: Severity }

const second = 1_000_000

export const defaultConfiguration: Configuration = {
  horizonUs: 60 * second,
  requestsMin: 20,
  checksMin: 5,
  health: {
    degraded: {
      errorRateAbovePpm: 50_000,
      p99AboveUs: 500_000,
      errorRateExitPpm: 40_000,
      p99ExitUs: 450_000,
    },
    critical: {
      errorRateAbovePpm: 100_000,
      p99AboveUs: 1_000_000,
      errorRateExitPpm: 80_000,
      p99ExitUs: 900_000,
    },
    down: { availabilityBelowPpm: 950_000, availabilityExitPpm: 980_000 },
  },
  improveAfterWindows: 3,
  downFailuresMin: 2,
  staleAfterUs: 600 * second,
  absentAfterUs: 60 * second,
  forgetAfterUs: 86_400 * second,
  unregistered: 'register',
  unregisteredMax: 10_000,
  services: [],
  rules: [
    { kind: 'health', id: 'health' },
    {
      kind: 'threshold',
      id: 'latency-p95',
      severity: 'warning',
      signal: 'p95',
      operator: '>',
      value: 200_000,
      forUs: 60 * second,
      keepFiringForUs: 0,
    },
    {
      kind: 'threshold',
      id: 'error-rate',
      severity: 'warning',
      signal: 'error_rate',
      operator: '>',
      value: 50_000,
      forUs: 60 * second,
      keepFiringForUs: 0,
    },
    { kind: 'absence', id: 'absence', severity: 'critical' },
  ],
}

const histogram: HistogramShape = { lowestUs: 1, highestUs: 600 * second, digits: 2 }

export const defaultLayout: Layout = {
  semantics: 1,
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
export const configurationId = (configuration: Configuration): Id =>
  contentId(canonicalJson(configuration))
