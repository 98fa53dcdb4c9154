import type { Quantile, Signals } from '@tidemark/model'

/** Signals by their figures; what is left out is absent. */
export const signals = (figures: {
  readonly requests?: number
  readonly failed?: number
  readonly p99Us?: number
  readonly passed?: number
  readonly checks?: number
}): Signals => {
  const { requests, failed = 0, p99Us = 1000, passed = 0, checks } = figures
  const at = (us: number): Quantile => ({ valueUs: us, lowUs: us, highUs: us })
  return {
    errorRate: requests === undefined ? null : { failed, total: requests },
    availability: checks === undefined ? null : { passed, total: checks },
    latency:
      requests === undefined
        ? null
        : {
            count: requests,
            overRange: 0,
            maxUs: p99Us,
            p50: at(p99Us),
            p95: at(p99Us),
            p99: at(p99Us),
            p999: at(p99Us),
          },
  }
}
