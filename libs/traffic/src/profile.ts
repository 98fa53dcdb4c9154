/** How a simulated service behaves while nothing is wrong with it. */
export type ServiceProfile = {
  readonly service: string
  readonly team: string | null
  /** Median of its latencies. */
  readonly latencyUs: number
  /** Standard deviation of the logarithm of its latencies, where they are log-normal. */
  readonly latencySigma: number
  /** Share of requests that fail, in parts per million. */
  readonly errorPpm: number
  /** Share of health checks that fail, in parts per million. */
  readonly downPpm: number
  /** Mean rate of its arrivals, where they are open-ended. */
  readonly requestsPerSecond: number
  /** Time from one health check to the next, where arrivals are open-ended; null: there are none. */
  readonly checkEveryUs: number | null
  readonly operations: Choices<Operation>
}

export type Operation = {
  readonly operation: string
  readonly weight: number
  /** Status of a request that succeeds. */
  readonly status: number
}

/** What failing requests answer. Each of them says `success: false`: on its own a 429 would not count as a failure. */
export type Failure = { readonly status: number; readonly weight: number }

export type Choices<T> = readonly [T, ...T[]]

export const failures: Choices<Failure> = [
  { status: 500, weight: 6 },
  { status: 504, weight: 3 },
  { status: 429, weight: 1 },
]

const ms = 1000
const second = 1000 * ms
const percent = 10_000

/**
 * Three services of domain.md section 10, one that is healthy and fast, one that is slow and reliable (its p99 stays below 450 ms, so
 * it is healthy, and its p95 above 200 ms, which is a warning).
 */
export const services: readonly ServiceProfile[] = [
  {
    service: 'api-gateway',
    team: 'edge',
    latencyUs: 50 * ms,
    latencySigma: 0.3,
    errorPpm: 2 * percent,
    downPpm: 0,
    requestsPerSecond: 40,
    checkEveryUs: second,
    operations: [
      { operation: 'GET /cart', weight: 5, status: 200 },
      { operation: 'GET /products', weight: 4, status: 200 },
      { operation: 'POST /orders', weight: 1, status: 201 },
    ],
  },
  {
    service: 'payment-service',
    team: 'payments',
    latencyUs: 200 * ms,
    latencySigma: 0.3,
    errorPpm: 8 * percent,
    downPpm: percent,
    requestsPerSecond: 12,
    checkEveryUs: second,
    operations: [
      { operation: 'POST /payments', weight: 6, status: 201 },
      { operation: 'GET /payments/{id}', weight: 3, status: 200 },
      { operation: 'POST /refunds', weight: 1, status: 202 },
    ],
  },
  {
    service: 'notification-svc',
    team: 'messaging',
    latencyUs: 80 * ms,
    latencySigma: 0.3,
    errorPpm: 15 * percent,
    downPpm: 2 * percent,
    requestsPerSecond: 8,
    checkEveryUs: second,
    operations: [
      { operation: 'POST /emails', weight: 6, status: 202 },
      { operation: 'POST /pushes', weight: 4, status: 202 },
    ],
  },
  {
    service: 'session-store',
    team: 'edge',
    latencyUs: 4 * ms,
    latencySigma: 0.25,
    errorPpm: 0.1 * percent,
    downPpm: 0,
    requestsPerSecond: 60,
    checkEveryUs: second,
    operations: [
      { operation: 'GET /sessions/{id}', weight: 9, status: 200 },
      { operation: 'PUT /sessions/{id}', weight: 1, status: 204 },
    ],
  },
  {
    service: 'document-export',
    team: 'documents',
    latencyUs: 240 * ms,
    latencySigma: 0.2,
    errorPpm: 0.1 * percent,
    downPpm: 0,
    requestsPerSecond: 5,
    checkEveryUs: second,
    operations: [
      { operation: 'job:invoice', weight: 7, status: 200 },
      { operation: 'job:statement', weight: 3, status: 200 },
    ],
  },
]
