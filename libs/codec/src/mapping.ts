import { copyOf } from './copy-of.ts'
import { SchemaError, type RecordNode, type SchemaNode } from './schema-tree.ts'
import { optionOf } from './fit.ts'

/** From an event's values to avsc's and back. All ways take values that fit: `fitOf` looks first. */
export type Mapping = {
  readonly toAvro: (value: unknown) => unknown
  /** Plain objects that share nothing with the bytes they were read from; `fixed` as text. */
  readonly fromAvro: (value: unknown) => unknown
  /** For printing: fields in the order of the schema, bytes in base64. */
  readonly toJson: (value: unknown) => unknown
}

export const mappingOf = (root: RecordNode): Mapping => recordMapping(root)

const nodeMapping = (node: SchemaNode): Mapping => {
  switch (node.kind) {
    case 'fixed':
      return node.name === 'Uuid' ? uuidMapping : hexMapping
    case 'bytes':
      return bytesMapping
    case 'union':
      return optionalMapping(nodeMapping(optionOf(node.branches)))
    case 'array':
      return arrayMapping(nodeMapping(node.items))
    case 'record':
      return recordMapping(node)
    case 'map':
      throw new SchemaError('map: events hold none')
    default:
      return same
  }
}

const itself = (value: unknown): unknown => value
const same: Mapping = { toAvro: itself, fromAvro: itself, toJson: itself }

const hexMapping: Mapping = {
  toAvro: (value) => Buffer.from(value as string, 'hex'),
  fromAvro: (value) => (value as Buffer).toString('hex'),
  toJson: itself,
}

const uuidMapping: Mapping = {
  toAvro: (value) => Buffer.from((value as string).replaceAll('-', ''), 'hex'),
  fromAvro: (value) => {
    const hex = (value as Buffer).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  },
  toJson: itself,
}

/** avsc wants a Buffer, and hands out slices of a pool that it shares among values. */
const bytesMapping: Mapping = {
  toAvro: (value) => viewOf(value as Uint8Array),
  fromAvro: (value) => copyOf(value as Buffer),
  toJson: (value) => viewOf(value as Uint8Array).toString('base64'),
}

/** The same bytes as a Buffer, not copied. */
export const viewOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const optionalMapping = (mapping: Mapping): Mapping => {
  if (mapping === same) return same
  return {
    toAvro: (value) => (value === null ? null : mapping.toAvro(value)),
    fromAvro: (value) => (value === null ? null : mapping.fromAvro(value)),
    toJson: (value) => (value === null ? null : mapping.toJson(value)),
  }
}

const arrayMapping = (mapping: Mapping): Mapping => {
  if (mapping === same) return same
  return {
    toAvro: (value) => (value as readonly unknown[]).map(mapping.toAvro),
    fromAvro: (value) => (value as readonly unknown[]).map(mapping.fromAvro),
    toJson: (value) => (value as readonly unknown[]).map(mapping.toJson),
  }
}

const recordMapping = ({ fields }: RecordNode): Mapping => {
  const mappings = fields.map(({ name, node }) => ({ name, ...nodeMapping(node) }))
  const mapped = (direction: keyof Mapping) => (value: unknown) => {
    const from = value as Readonly<Record<string, unknown>>
    const to: Record<string, unknown> = {}
    for (const mapping of mappings) to[mapping.name] = mapping[direction](from[mapping.name])
    return to
  }
  return { toAvro: mapped('toAvro'), fromAvro: mapped('fromAvro'), toJson: mapped('toJson') }
}
