import { invariant, type EventType, type Fact, type RejectReason } from '@tidemark/model'
import { frameReader, type FrameSchemas, type RecordCursor, type RunBounds } from '@tidemark/wire'
import { countRejected } from './ledger-counts.ts'
import type { Part } from './open-window.ts'
import type { SourceState } from './source-state.ts'

/** How the values of records are told apart and read. */
export type InputSchemas = {
  /** Of the input events, older versions included. */
  readonly frames: FrameSchemas<SchemaName>
  /** Turns a body of an older version into a whole value of the current one: bodies are read in place in that version only. */
  readonly upgrade: (schema: SchemaName, body: Uint8Array) => Upgraded
  /** Reads the body of a fact, which is no matter of speed. */
  readonly fact: (schema: SchemaName, body: Uint8Array) => ReadFact
}

/** An event's current schema, or an older version of it. */
export type SchemaName = EventType | `${EventType}.${number}`

export type Upgraded =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail: string }

export type ReadFact =
  | { readonly ok: true; readonly fact: Fact }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail: string }

/** What refusing takes: why, in words, and which events; none: the whole record. */
export type Refuse = (reason: RejectReason, detail: string, indexes: readonly number[]) => void

/** Puts the events of the record that a cursor stands at where they belong, counts them, and returns how many there were. */
export type Placing = (record: RecordCursor) => number

/**
 * Places the records behind a cursor for as long as nothing about them is out of the ordinary, counts them, and moves clock and position.
 * Returns their number, which may be 0.
 */
export type RunPlacing = (cursor: RecordCursor, bounds: RunBounds) => number

/** How the records of a source are placed; `run`, where there is such a way, is tried first. */
export type Placings = { readonly record: Placing; readonly run: RunPlacing | null }

/** Whose records are refused, and how. */
export type Refusing<P extends Part> = {
  readonly state: SourceState<P>
  readonly refuse: Refuse
}

/** Places the body in `bytes[start, end)` of a record, and returns its events. */
type PlaceBody = (record: RecordCursor, bytes: Uint8Array, start: number, end: number) => number
export type Taken = { readonly [E in EventType]?: PlaceBody }

/** A schema as one topic sees it; `place` is null where the topic does not take it. */
type TopicSchema = {
  readonly name: SchemaName
  readonly isTick: boolean
  readonly isCurrent: boolean
  readonly place: PlaceBody | null
}

/** Opens frames, takes ticks, and leaves the events that the topic takes to their own functions. */
export const framed = <P extends Part>(
  stage: Refusing<P>,
  schemas: InputSchemas,
  taken: Taken,
): Placing => {
  const { state } = stage
  const frame = frameReader(topicSchemas(schemas.frames, taken))
  const placeOlder = (record: RecordCursor, { name }: TopicSchema): number => {
    const body = record.bytes.subarray(frame.bodyStart, record.valueEnd)
    const upgraded = schemas.upgrade(name, body)
    if (!upgraded.ok) return refuseRecord(stage, upgraded.reason, upgraded.detail)
    const { value } = upgraded
    const current = frame.read(value, 0, value.length)
    invariant(current?.isCurrent === true, `${name}: upgraded to no current version`)
    return current.place?.(record, value, frame.bodyStart, value.length) ?? 0
  }
  const placeFramed = (record: RecordCursor): number => {
    if (record.valueEnd < 0) return refuseRecord(stage, 'tombstone', 'no value')
    const schema = frame.read(record.bytes, record.valueStart, record.valueEnd)
    if (schema === null) return refuseRecord(stage, frame.fault ?? 'bad_frame', frame.detail)
    if (schema.place !== null)
      return schema.isCurrent
        ? schema.place(record, record.bytes, frame.bodyStart, record.valueEnd)
        : placeOlder(record, schema)
    if (!schema.isTick)
      return refuseRecord(stage, 'unknown_schema', `${schema.name} is not for ${state.topic}`)
    const left = record.valueEnd - frame.bodyStart
    return left === 0 ? 0 : refuseRecord(stage, 'bad_avro', `Tick: ${left} bytes left over`)
  }
  return (record) => {
    const events = placeFramed(record)
    state.counts.events += events
    return events
  }
}

const topicSchemas = (
  { fingerprints, registryIds }: FrameSchemas<SchemaName>,
  taken: Taken,
): FrameSchemas<TopicSchema> => {
  const seen = (name: SchemaName): TopicSchema => {
    const event = name.replace(/\.\d+$/, '') as EventType
    return {
      name,
      isTick: event === 'Tick',
      isCurrent: event === name,
      place: taken[event] ?? null,
    }
  }
  return {
    // Fingerprints are compared one after the other: those that come often go first.
    fingerprints: fingerprints
      .map(({ fingerprint, schema }) => ({ fingerprint, schema: seen(schema) }))
      .sort((a, b) => rank(a.schema) - rank(b.schema)),
    registryIds: registryIds && new Map([...registryIds].map(([id, name]) => [id, seen(name)])),
  }
}

const rank = ({ place, isCurrent }: TopicSchema): number =>
  (place === null ? 2 : 0) + (isCurrent ? 0 : 1)

/** Refuses a record as a whole, which counts as one event. */
export const refuseRecord = <P extends Part>(
  { state, refuse }: Refusing<P>,
  reason: RejectReason,
  detail: string,
): 1 => {
  countRejected(state.counts, reason, 1)
  refuse(reason, detail, [])
  return 1
}
