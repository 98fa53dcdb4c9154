/** Status of a service: the table of domain.md section 2, worst first. */
export const healthStatuses = [
  'down',
  'critical',
  'degraded',
  'healthy',
  'unknown',
  'maintenance',
] as const
export type HealthStatus = (typeof healthStatuses)[number]

/** Severity of an alert, worst first. */
export const severities = ['page', 'critical', 'warning'] as const
export type Severity = (typeof severities)[number]

/** A quantile of a histogram: its slot `[lowUs, highUs]`, capped at the exact maximum; `valueUs` = `highUs`. */
export type Quantile = {
  readonly valueUs: number
  readonly lowUs: number
  readonly highUs: number
}

export type LatencySignal = {
  readonly count: number
  readonly overRange: number
  readonly maxUs: number
  readonly p50: Quantile
  readonly p95: Quantile
  readonly p99: Quantile
  readonly p999: Quantile
}

/** What the horizon says of a service. Absent is null, never 0. */
export type Signals = {
  readonly errorRate: { readonly failed: number; readonly total: number } | null
  readonly availability: { readonly passed: number; readonly total: number } | null
  readonly latency: LatencySignal | null
}
