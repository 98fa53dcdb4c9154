import {
  factTypes,
  isFact,
  sendBytesMax,
  type EventType,
  type Fact,
  type FactApplied,
  type RejectReason,
  type TidemarkEvent,
} from '@tidemark/model'
import { frameReader, type FrameSchemas } from '@tidemark/wire'
import { batchTimeFault, columnsFault } from './batch-columns.ts'
import {
  readableSchemas,
  schemaMeant,
  writableSchema,
  type ReadableSchema,
  type SchemaName,
} from './event-schemas.ts'
import { factFault } from './fact-fault.ts'
import type { WalkCost } from './pre-walk.ts'

/** What a record value holds. Bad bytes are a result, never an error. */
export type Decoded =
  | { readonly ok: true; readonly event: TidemarkEvent }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail: string }

export type Codec = {
  /** Any bytes, or null for a record without a value. Never throws. The event shares nothing with `bytes`. */
  readonly decode: (bytes: Uint8Array | null) => Decoded
  /** A body without its frame, written by a schema of that name. */
  readonly decodeBody: (schema: SchemaName, body: Uint8Array) => Decoded
  readonly inputSchemas: InputSchemas
}

/** How records of input topics are told apart by a reader that walks bodies in place, current versions only. */
export type InputSchemas = {
  /** Of the input events, older versions included. */
  readonly frames: FrameSchemas<SchemaName>
  /** The body of any version as a whole value of the current one. */
  readonly upgrade: (schema: SchemaName, body: Uint8Array) => Upgraded
  /** The fact in the body of any version of its schema. */
  readonly fact: (schema: SchemaName, body: Uint8Array) => ReadFact
}

export type ReadFact =
  { readonly ok: true; readonly fact: Fact } | Extract<Decoded, { readonly ok: false }>

export type Upgraded =
  { readonly ok: true; readonly value: Uint8Array } | Extract<Decoded, { readonly ok: false }>

export type CodecOptions = {
  /**
   * Registry ids by which the Confluent frame (`00`, id in big-endian order) is read: to the full name of an event (`tidemark.HealthChecked`:
   * its current version) or to a fingerprint's 16 hexadecimal digits (any version). Without a table that frame is none.
   */
  readonly registryIds?: ReadonlyMap<number, string>
  /** Counts what decoding costs; for tests. */
  readonly cost?: WalkCost
}

/** An event that its schema cannot hold: a mistake of whoever made it. The message says which event, field and value. */
export class EncodeError extends Error {
  readonly code = 'encode'
  readonly retriable = false
}

/** A table of registry ids that names a schema nobody knows. */
export class RegistryTableError extends Error {
  readonly code = 'registry_table'
  readonly retriable = false
}

/** The value of a record: Avro's single-object encoding. EncodeError where the event does not fit, or is larger than a record may be. */
export const encode = (event: TidemarkEvent): Uint8Array => {
  const schema = writableSchema(event.type)
  const stored = event.type === 'FactApplied' ? { ...event, fact: encode(event.fact) } : event
  const bytes = schema.write(stored)
  const fault = bytes === null ? schema.fit(stored) : (batchFault(event) ?? factFault(event))
  if (bytes === null || fault !== null) throw new EncodeError(`${event.type}${fault}`)
  if (bytes.length > sendBytesMax)
    throw new EncodeError(`${event.type}: ${bytes.length} bytes, a record takes ${sendBytesMax}`)
  return bytes
}

const batchFault = (event: TidemarkEvent): string | null => {
  if (event.type !== 'RequestBatch') return null
  const fault = columnsFault(event)
  return fault === null ? batchTimeFault(event) : `.${fault}`
}

/** RegistryTableError where the table names an unknown schema. */
export const makeCodec = ({ registryIds, cost }: CodecOptions = {}): Codec => {
  const ids = registryIds === undefined ? null : idTable(registryIds)
  const frame = frameReader<ReadableSchema>({
    fingerprints: readableSchemas.map((schema) => ({ fingerprint: schema.fingerprint, schema })),
    registryIds: ids,
  })
  const decodeNamed: Codec['decodeBody'] = (name, body) => {
    const schema = readableSchemas.find((readable) => readable.name === name)
    if (schema === undefined) return refused('unknown_schema', name)
    return decodeWith(schema, body, 0, cost)
  }
  return {
    decode: (bytes) => {
      if (bytes === null) return refused('tombstone', 'no value')
      const schema = frame.read(bytes, 0, bytes.length)
      if (schema === null) return refused(frame.fault ?? 'bad_frame', frame.detail)
      return decodeWith(schema, bytes, frame.bodyStart, cost)
    },
    decodeBody: decodeNamed,
    inputSchemas: {
      frames: inputFrames(ids),
      upgrade: (name, body) => {
        const decoded = decodeNamed(name, body)
        return decoded.ok ? { ok: true, value: encode(decoded.event) } : decoded
      },
      fact: (name, body) => {
        const decoded = decodeNamed(name, body)
        if (!decoded.ok) return decoded
        const { event } = decoded
        return isFact(event)
          ? { ok: true, fact: event }
          : refused('unknown_schema', `${event.type} is no fact`)
      },
    },
  }
}

const inputFrames = (
  ids: ReadonlyMap<number, ReadableSchema> | null,
): FrameSchemas<SchemaName> => ({
  fingerprints: readableSchemas
    .filter(isInput)
    .map(({ fingerprint, name }) => ({ fingerprint, schema: name })),
  registryIds:
    ids === null
      ? null
      : new Map(
          [...ids].filter(([, schema]) => isInput(schema)).map(([id, { name }]) => [id, name]),
        ),
})

const inputEvents: readonly EventType[] = [
  'RequestObserved',
  'RequestBatch',
  'HealthChecked',
  ...factTypes,
  'LossAccepted',
  'Tick',
]

const isInput = ({ event }: ReadableSchema): boolean => inputEvents.includes(event)

const idTable = (registryIds: ReadonlyMap<number, string>): ReadonlyMap<number, ReadableSchema> =>
  new Map(
    [...registryIds].map(([id, text]) => {
      const schema = schemaMeant(text)
      if (schema === undefined)
        throw new RegistryTableError(
          `registry id ${id}: ${JSON.stringify(text)} is neither the full name of an event nor a known fingerprint`,
        )
      return [id, schema]
    }),
  )

const decodeWith = (
  schema: ReadableSchema,
  bytes: Uint8Array,
  bodyStart: number,
  cost: WalkCost | undefined,
): Decoded => {
  if (bytes.length > sendBytesMax)
    return refused('bad_value', `${bytes.length} bytes, a record takes ${sendBytesMax}`)
  const fault = schema.walk(bytes, bodyStart, cost)
  if (fault !== null) return refused(fault.reason, `${schema.name}: ${fault.detail}`)
  const event = readEvent(schema, bytes, bodyStart)
  if (typeof event === 'string') return refused('bad_avro', `${schema.name}: ${event}`)
  const columns = event.type === 'RequestBatch' ? columnsFault(event) : null
  if (columns !== null) return refused('bad_avro', `RequestBatch: ${columns}`)
  const value = writableSchema(event.type).fit(event) ?? batchFault(event) ?? factFault(event)
  if (value !== null) return refused('bad_value', `${event.type}${value}`)
  return event.type === 'FactApplied' ? withFact(event) : { ok: true, event }
}

/** As it is read, `fact` holds the bytes of a record value. */
const withFact = (event: FactApplied): Decoded => {
  const decoded = decode(event.fact as unknown as Uint8Array)
  if (!decoded.ok) return { ...decoded, detail: `FactApplied.fact: ${decoded.detail}` }
  const { event: fact } = decoded
  return isFact(fact)
    ? { ok: true, event: { ...event, fact } }
    : refused('bad_value', `FactApplied.fact: ${fact.type} is no fact`)
}

/**
 * The walk has passed, so avsc does not throw; a test of a million records says so. Were it to throw all the same, one record would
 * be refused, not the partition stopped.
 */
const readEvent = (
  schema: ReadableSchema,
  bytes: Uint8Array,
  bodyStart: number,
): TidemarkEvent | string => {
  try {
    return schema.read(bytes, bodyStart)
  } catch (error) {
    return `avsc: ${error instanceof Error ? error.message : String(error)}`
  }
}

const refused = (
  reason: RejectReason,
  detail: string,
): Extract<Decoded, { readonly ok: false }> => ({ ok: false, reason, detail })

/** The codec without a registry. */
export const plainCodec: Codec = makeCodec()
export const { decode, decodeBody, inputSchemas } = plainCodec
