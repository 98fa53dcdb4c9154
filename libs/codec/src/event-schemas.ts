import type { EventType, TidemarkEvent } from '@tidemark/model'
import { currentSchemas, olderSchemas, type AvroRecord } from '@tidemark/schemas'
import {
  crc64Avro,
  encodeUtf8,
  fingerprintHex,
  singleObjectHeader,
  type Fingerprint,
} from '@tidemark/wire'
import avsc, { type Type } from 'avsc'
import { bodyWriter, type BodyWriter } from './body-writer.ts'
import { fitOf, type Fit } from './fit.ts'
import { mappingOf, viewOf, type Mapping } from './mapping.ts'
import { parsingCanonicalForm } from './parsing-canonical-form.ts'
import { preWalk, type PreWalk } from './pre-walk.ts'
import { schemaTree, SchemaError } from './schema-tree.ts'

/** The name of a schema that is read: the event's, or `HealthChecked.1` for an older version. */
export type SchemaName = EventType | `${EventType}.${number}`

/** A schema that bodies may have been written by. */
export type ReadableSchema = {
  readonly name: SchemaName
  /** With the namespace; a version that is not the current one has no other name. */
  readonly fullName: string
  readonly fingerprint: Fingerprint
  readonly event: EventType
  readonly isCurrent: boolean
  readonly walk: PreWalk
  /** The event in a body that passed the walk, older versions resolved to the current one. */
  readonly read: (bytes: Uint8Array, bodyStart: number) => TidemarkEvent
}

/** What events are written by. */
export type WritableSchema = {
  readonly fit: Fit
  /** Header and body of the event as it is stored: what is nested as a value of its own is bytes. Null where it does not fit. */
  readonly write: BodyWriter
  /** The body once more, by avsc, of an event that fits: what tests hold the other against. */
  readonly body: (event: object) => Uint8Array
  /** The fields in the order of the schema, bytes in base64. */
  readonly toJson: (event: object) => object
}

export const schemaFingerprint = (schema: AvroRecord): Fingerprint =>
  crc64Avro(encodeUtf8(parsingCanonicalForm(schema)))

type Current = WritableSchema & {
  readonly type: Type
  readonly mapping: Mapping
  readonly schema: AvroRecord
}

// Optional values are plain values or null; the default of avsc guesses per union.
const avscType = (schema: AvroRecord): Type =>
  avsc.Type.forSchema(schema as Parameters<typeof Type.forSchema>[0], {
    wrapUnions: 'never',
    omitRecordMethods: true,
  })

const currentOf = (schema: AvroRecord): Current => {
  const tree = schemaTree(schema)
  if (tree.kind !== 'record') throw new SchemaError(`${schema.name}: events are records`)
  const type = avscType(schema)
  const mapping = mappingOf(tree)
  return {
    schema,
    type,
    mapping,
    fit: fitOf(tree),
    write: bodyWriter(tree, singleObjectHeader(schemaFingerprint(schema))),
    body: (event) => type.toBuffer(mapping.toAvro(event)),
    toJson: (event) => mapping.toJson(event) as object,
  }
}

const eventTypes = Object.keys(currentSchemas) as readonly EventType[]

const currents = new Map(eventTypes.map((event) => [event, currentOf(currentSchemas[event])]))

const currentFor = (event: EventType): Current => {
  const current = currents.get(event)
  if (current === undefined) throw new SchemaError(`${event}: no schema`)
  return current
}

/** The schema that an event is written by; SchemaError for a type that has none. */
export const writableSchema: (event: EventType) => WritableSchema = currentFor

const readable = (event: EventType, schema: AvroRecord, version: number | null): ReadableSchema => {
  const { type, mapping } = currentFor(event)
  // Made once per version: making one takes as long as decoding a hundred events.
  const resolver = version === null ? undefined : type.createResolver(avscType(schema))
  return {
    name: version === null ? event : `${event}.${version}`,
    fullName: `${schema.namespace ?? ''}.${schema.name}`,
    fingerprint: schemaFingerprint(schema),
    event,
    isCurrent: version === null,
    walk: preWalk(schema),
    read: (bytes, bodyStart) => {
      const avro: unknown = type.fromBuffer(viewOf(bytes.subarray(bodyStart)), resolver)
      return { type: event, ...(mapping.fromAvro(avro) as object) } as TidemarkEvent
    },
  }
}

const olders: Readonly<Partial<Record<EventType, readonly AvroRecord[]>>> = olderSchemas

/** Every schema that is read: the current ones, then older versions, oldest first. */
export const readableSchemas: readonly ReadableSchema[] = [
  ...eventTypes.map((event) => readable(event, currentSchemas[event], null)),
  ...eventTypes.flatMap((event) =>
    (olders[event] ?? []).map((schema, i) => readable(event, schema, i + 1)),
  ),
]

/** The schema that a table of registry ids means: a full name (the current version) or the 16 digits of a fingerprint. */
export const schemaMeant = (text: string): ReadableSchema | undefined =>
  readableSchemas.find(
    (schema) =>
      (schema.isCurrent && schema.fullName === text) || fingerprintHex(schema.fingerprint) === text,
  )
