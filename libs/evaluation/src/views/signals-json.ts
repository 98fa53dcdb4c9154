import type { LatencySignal, Quantile, Signals } from '@tidemark/model'

/** Signals as other programs read them. Ratios are given with their counts; absent is null. */
export const signalsJson = ({ errorRate, availability, latency }: Signals) => ({
  errorRate: errorRate && {
    ratio: ratioOf(errorRate.failed, errorRate.total),
    failed: errorRate.failed,
    total: errorRate.total,
  },
  availability: availability && {
    ratio: ratioOf(availability.passed, availability.total),
    passed: availability.passed,
    total: availability.total,
  },
  latency: latency && { ...latencyJson(latency), overRange: latency.overRange },
})

export const latencyJson = ({ count, p50, p95, p99, p999, maxUs }: LatencySignal) => ({
  count,
  p50: quantileJson(p50),
  p95: quantileJson(p95),
  p99: quantileJson(p99),
  p999: quantileJson(p999),
  maxUs,
})

const quantileJson = ({ valueUs, lowUs, highUs }: Quantile) => ({ valueUs, lowUs, highUs })

/** Six decimals, rounded half up, for display: what is compared are the counts. */
const ratioOf = (part: number, whole: number): number =>
  Number((BigInt(part) * 2_000_000n + BigInt(whole)) / (BigInt(whole) * 2n)) / 1_000_000
