import { decodeV2, latencySignalOf } from '@tidemark/histogram'
import {
  isoOf,
  type HealthWindowClosed,
  type HistogramShape,
  type OperationCounts,
  type RequestCounts,
  type RequestWindowClosed,
} from '@tidemark/model'
import { latencyJson } from './signals-json.ts'

/** A closed window as `tidemark windows --json` prints it. */
export const windowJson = (
  event: RequestWindowClosed | HealthWindowClosed,
  shape: HistogramShape,
) =>
  event.type === 'RequestWindowClosed'
    ? {
        source: 'requests' as const,
        service: event.service,
        window: boundsJson(event),
        ...countsJson(event, shape),
        operations: event.operations.map((operation) => operationJson(operation, shape)),
        ...marksJson(event),
      }
    : {
        source: 'health-checks' as const,
        service: event.service,
        window: boundsJson(event),
        passed: event.passed,
        failed: event.failed,
        ...marksJson(event),
      }

const boundsJson = (event: { readonly windowStartUs: number; readonly windowEndUs: number }) => ({
  start: isoOf(event.windowStartUs),
  end: isoOf(event.windowEndUs),
})

const operationJson = (operation: OperationCounts, shape: HistogramShape) => ({
  operation: operation.operation === '' ? null : operation.operation,
  ...countsJson(operation, shape),
  ...(operation.overflow ? { overflow: true } : {}),
})

const countsJson = (counts: RequestCounts, shape: HistogramShape) => {
  const latency = latencySignalOf(decodeV2(counts.histogram, shape, counts))
  return {
    total: counts.total,
    failed: counts.failed,
    statuses: Object.fromEntries(counts.statuses.map(({ status, events }) => [status, events])),
    overRange: counts.overRange,
    latency: latency && latencyJson(latency),
  }
}

/** What is said only of a window that is not like the others. */
const marksJson = (event: {
  readonly overflow: boolean
  readonly identityChecked: boolean
  readonly incomplete: boolean
}) => ({
  ...(event.overflow ? { overflow: true } : {}),
  ...(event.identityChecked ? {} : { identityChecked: false }),
  ...(event.incomplete ? { incomplete: true } : {}),
})
