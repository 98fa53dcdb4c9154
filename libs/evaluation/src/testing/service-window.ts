import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import { defaultLayout, emptyDigest } from '@tidemark/model'
import type { OperationTally, RequestTally, ServiceWindow } from '../signals.ts'

/** A request as objectives see it. */
export type SeenRequest = {
  readonly latencyUs: number
  readonly failed?: boolean
  readonly status?: number
  readonly operation?: string
}

/** A service's closed window with these requests and checks. */
export const serviceWindow = (
  requests: readonly SeenRequest[],
  checks: { readonly passed: number; readonly failed: number } | null = null,
): ServiceWindow => ({
  endUs: 10_000_000,
  requests: requests.length === 0 ? null : requestTally(requests),
  checks: checks && { ...checks, incomplete: false, input: { ...input, topic: 'health-checks' } },
})

const input = {
  topic: 'requests' as const,
  ...{ partition: 0, firstOffset: 0, lastOffset: 0, records: 1, events: 1, digest: emptyDigest },
}

const latencies = (requests: readonly SeenRequest[]): Omit<OperationTally, 'operation'> => {
  const histogram = emptyHistogram(defaultLayout.histogram)
  for (const { latencyUs } of requests) record(histogram, latencyUs)
  return {
    total: requests.length,
    overRange: histogram.overRange,
    latencyUsMax: histogram.maxUs,
    histogram: encodeV2(histogram),
  }
}

const requestTally = (requests: readonly SeenRequest[]): RequestTally => {
  const statuses = Object.entries(Object.groupBy(requests, ({ status = 200 }) => status))
  const operations = Object.entries(Object.groupBy(requests, ({ operation = '' }) => operation))
  return {
    ...latencies(requests),
    failed: requests.filter(({ failed }) => failed === true).length,
    incomplete: false,
    input,
    detail: {
      statuses: statuses.map(([status, of = []]) => ({ status: +status, events: of.length })),
      operations: operations.map(([operation, of = []]) => ({ operation, ...latencies(of) })),
    },
  }
}
