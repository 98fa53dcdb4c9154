import {
  canonicalJson,
  closedThrough,
  type EpochMs,
  type HealthChecked,
  type Layout,
  type RequestBatch,
  type RequestObserved,
} from '@tidemark/model'
import type { DrawId } from './repeatable-ids.ts'

export type SingleEvent = RequestObserved | HealthChecked
/** An event with the timestamp of its record; undefined where the log stamps. */
export type Stamped<E> = { readonly event: E; readonly timestampMs: EpochMs | undefined }

export type Batcher = {
  /** Takes an event; gives what is complete with it. */
  readonly add: (
    event: Stamped<SingleEvent>,
    partition: number,
  ) => readonly Stamped<RequestBatch | HealthChecked>[]
  /** What is left. */
  readonly rest: () => readonly Stamped<RequestBatch | HealthChecked>[]
}

/** Requests that wait in one partition; memory is bounded by this times the partition count. */
const waitingMax = 1000

/**
 * Turns requests into one batch per service and piece of a partition; health checks stay single. A piece ends where its timestamps would
 * close a window: all its batches bear the last one, and none of its events may be late for that.
 */
export const batcherOf = ({ windowUs, graceUs }: Layout, drawId: DrawId): Batcher => {
  const waiting = new Map<number, Stamped<RequestObserved>[]>()
  const isBeforeNextClose = (firstMs: EpochMs | undefined, ms: EpochMs | undefined): boolean =>
    firstMs === undefined ||
    ms === undefined ||
    closedThrough(firstMs, windowUs, graceUs) === closedThrough(ms, windowUs, graceUs)
  return {
    add: ({ event, timestampMs }, partition) => {
      if (event.type === 'HealthChecked') return [{ event, timestampMs }]
      const requests = waiting.get(partition) ?? []
      const stamped = { event, timestampMs }
      if (
        requests.length < waitingMax &&
        isBeforeNextClose(requests[0]?.timestampMs, timestampMs)
      ) {
        requests.push(stamped)
        waiting.set(partition, requests)
        return []
      }
      waiting.set(partition, [stamped])
      return batches(requests, partition, drawId)
    },
    rest: () => {
      const left = [...waiting].flatMap(([partition, requests]) =>
        batches(requests, partition, drawId),
      )
      waiting.clear()
      return left
    },
  }
}

/** All batches of a piece are stamped as its last event was. */
const batches = (
  requests: readonly Stamped<RequestObserved>[],
  partition: number,
  drawId: DrawId,
): readonly Stamped<RequestBatch>[] => {
  const byService = new Map<string, RequestObserved[]>()
  for (const { event } of requests) {
    const members = byService.get(event.service)
    if (members === undefined) byService.set(event.service, [event])
    else members.push(event)
  }
  const timestampMs = requests.at(-1)?.timestampMs
  return [...byService.values()].map((members) => ({
    event: batchOf(members, drawId('requests', partition, canonicalJson(members))),
    timestampMs,
  }))
}

/** Columns of requests of one service. Their own ids give way to (batch id, index). */
const batchOf = (requests: readonly RequestObserved[], batchId: string): RequestBatch => {
  const baseUs = Math.min(...requests.map(({ atUs }) => atUs))
  const indexes = new Map<string, number>()
  const operation = requests.map((request) => {
    const index = indexes.get(request.operation) ?? indexes.size
    indexes.set(request.operation, index)
    return index
  })
  return {
    type: 'RequestBatch',
    batchId,
    service: requests[0]!.service,
    baseUs,
    operations: [...indexes.keys()],
    deltaUs: requests.map(({ atUs }) => atUs - baseUs),
    latencyUs: requests.map(({ latencyUs }) => latencyUs),
    status: requests.map(({ status }) => status),
    operation,
    failures: requests.flatMap(({ success }, i) => (success ? [] : [i])),
  }
}
