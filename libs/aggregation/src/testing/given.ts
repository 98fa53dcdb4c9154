import {
  defaultLayout,
  keyOfEvent,
  offset,
  type Checkpoint,
  type HealthChecked,
  type InputEvent,
  type InputTopic,
  type Layout,
  type Output,
  type RequestBatch,
  type RequestObserved,
  type TaskFold,
} from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'
import { aggregatorFold } from '../aggregator-fold.ts'
import { encodeEvent } from './avro-events.ts'
import { testInput } from './drive.ts'

// Records that are given to a fold, and what it says to them.

export const partition = 1
export const startMs = 1_700_000_000_000
export const second = 1_000_000

export const request = (fields: Partial<RequestObserved> = {}): RequestObserved => ({
  type: 'RequestObserved',
  id: null,
  service: 'checkout',
  operation: 'GET /cart',
  atUs: startMs * 1000,
  latencyUs: 20_000,
  status: 200,
  success: true,
  ...fields,
})
export const check: HealthChecked = {
  type: 'HealthChecked',
  id: null,
  service: 'checkout',
  check: 'http',
  atUs: startMs * 1000,
  passed: true,
  latencyUs: null,
  reason: null,
}

/** A record: its event, or other bytes in place of what the event comes to. */
export type Given = {
  readonly event?: InputEvent
  readonly value?: Uint8Array | null
  readonly key?: Uint8Array | null
  /** Since `startMs`. */
  readonly afterMs?: number
}

const keyBytes = (event: InputEvent): Uint8Array | null => {
  const key = keyOfEvent(event)
  return key === null ? null : encodeUtf8(key)
}

const entryOf = ({ event = { type: 'Tick' }, value, key, afterMs = 0 }: Given) => ({
  key: key === undefined ? keyBytes(event) : key,
  value: value === undefined ? encodeEvent(event) : value,
  timestampMs: startMs + afterMs,
})

export const batchesOf = (
  topic: InputTopic,
  given: readonly Given[],
  from = 0,
  endOffset = from + given.length,
) => ({
  topic,
  partition,
  bytes: given.length === 0 ? new Uint8Array(0) : writeRecordBatch(given.map(entryOf), from),
  fromOffset: offset(from),
  nextOffset: offset(from + given.length),
  endOffset: offset(endOffset),
})

export const foldOf = (
  changes: Partial<Layout> = {},
  checkpoint: Checkpoint | null = null,
): TaskFold =>
  aggregatorFold({
    layout: { ...defaultLayout, ...changes },
    partition,
    schemas: testInput,
    checkpoint,
  })

export const feed = (
  fold: TaskFold,
  topic: InputTopic,
  given: readonly Given[],
  from = 0,
  endOffset?: number,
): readonly Output[] => {
  const outputs: Output[] = []
  fold.feed(batchesOf(topic, given, from, endOffset))
  while (fold.work(512, (output) => outputs.push(output)));
  return outputs
}

export const limits = (changes: Partial<Layout['limits']>): Pick<Layout, 'limits'> => ({
  limits: { ...defaultLayout.limits, ...changes },
})

export const said = ({ event }: Output): string => {
  switch (event.type) {
    case 'RequestWindowClosed':
      return `${event.cause.offset}.${event.cause.index} ${(event.windowEndUs - startMs * 1000) / second} ${event.service} ${event.total}`
    case 'PartitionAdvanced':
      return `${event.cause.offset}.${event.cause.index} advanced ${event.clockMs - startMs}`
    case 'RecordRejected':
      return `${event.cause.offset}.${event.cause.index} ${event.reason} [${event.indexes.join()}]`
    default:
      return event.type
  }
}

export const batchOf = (requests: readonly RequestObserved[], batchId: string): RequestBatch => {
  const operations = [...new Set(requests.map(({ operation }) => operation))]
  const baseUs = requests[0]!.atUs
  return {
    type: 'RequestBatch',
    batchId,
    service: requests[0]!.service,
    baseUs,
    operations,
    deltaUs: requests.map(({ atUs }) => atUs - baseUs),
    latencyUs: requests.map(({ latencyUs }) => latencyUs),
    status: requests.map(({ status }) => status),
    operation: requests.map(({ operation }) => operations.indexOf(operation)),
    failures: requests.flatMap(({ success }, i) => (success ? [] : [i])),
  }
}

export const uuidOf = (n: number): string =>
  `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
