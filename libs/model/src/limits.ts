/** Bounds per partition and window; above them rows are counted under `overflow`, so that totals stay right. */
export type Limits = {
  readonly servicesPerWindow: number
  readonly operationsPerServiceWindow: number
  /** Of all services together, because the product of the two above bounds no memory. */
  readonly operationsPerWindow: number
  readonly identitiesPerWindow: number
  /** Events that a recovery may read again before open windows are saved instead. */
  readonly restoreBudgetEvents: number
  /** How far one source of a task may run ahead of the slowest, in stream time. */
  readonly maxAheadMs: number
  /** Bytes of a refused record that `rejected` keeps, of its key and of its value. */
  readonly rejectedBytes: number
}

/** What a limit may be, and what it is unless somebody says otherwise. */
export type LimitRange = {
  readonly min: number
  readonly max: number
  readonly fallback: number
  readonly what: string
}

export const limitRanges: { readonly [Name in keyof Limits]: LimitRange } = {
  servicesPerWindow: {
    ...{ min: 1, max: 1_000_000, fallback: 20_000 },
    what: 'services with a row of their own, per partition and window',
  },
  operationsPerServiceWindow: {
    ...{ min: 1, max: 10_000, fallback: 200 },
    what: 'operations, or checks, with counts of their own, per service and window',
  },
  operationsPerWindow: {
    ...{ min: 1, max: 10_000_000, fallback: 100_000 },
    what: 'operations, or checks, with counts of their own, per partition and window',
  },
  identitiesPerWindow: {
    ...{ min: 0, max: 50_000_000, fallback: 2_000_000 },
    what: 'identities in which repeats are found, per partition and window',
  },
  restoreBudgetEvents: {
    ...{ min: 0, max: 1_000_000_000, fallback: 3_000_000 },
    what: 'events that a recovery reads again before open windows are saved instead',
  },
  maxAheadMs: {
    ...{ min: 1000, max: 604_800_000, fallback: 600_000 },
    what: 'milliseconds of stream time that one source may be ahead of another',
  },
  rejectedBytes: {
    // Both key and value of a refused record fit into one record of `rejected`.
    ...{ min: 0, max: 400_000, fallback: 4096 },
    what: 'bytes kept of the key, and of the value, of a refused record',
  },
}

export const limitNames = Object.keys(limitRanges) as readonly (keyof Limits)[]

const limitsBy = (value: (range: LimitRange) => number): Limits =>
  Object.fromEntries(limitNames.map((name) => [name, value(limitRanges[name])])) as Limits

export const defaultLimits: Limits = limitsBy(({ fallback }) => fallback)

/** Every limit that is out of its range, in words. */
export const limitFaults = (limits: Limits): readonly string[] =>
  limitNames.flatMap((name) => {
    const { min, max } = limitRanges[name]
    const value = limits[name]
    return Number.isSafeInteger(value) && value >= min && value <= max
      ? []
      : [`limits.${name}: ${value} is not an integer of ${min} to ${max}`]
  })
