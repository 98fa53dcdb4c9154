import type { AvroPrimitiveName, AvroSchema } from '@tidemark/schemas'
import { isPrimitive, isUnion } from './parsing-canonical-form.ts'

/**
 * A schema with every name replaced by what it stands for. That is only possible where no type contains itself: so the depth of a value
 * is that of its schema, and nothing that walks bytes by a tree needs a limit of its own.
 */
export type SchemaNode =
  | { readonly kind: AvroPrimitiveName }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'union'; readonly branches: readonly SchemaNode[] }
  | { readonly kind: 'array'; readonly items: SchemaNode }
  | { readonly kind: 'map'; readonly values: SchemaNode }
  | RecordNode

export type RecordNode = {
  readonly kind: 'record'
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly node: SchemaNode }[]
}

/** A schema that cannot be decoded within bounds, or that names what it does not define. A programmer's mistake. */
export class SchemaError extends Error {
  readonly code = 'schema'
  readonly retriable = false
}

/** The tree of a schema. SchemaError for names that are unknown or recursive, and for arrays whose items may take no byte. */
export const schemaTree = (schema: AvroSchema): SchemaNode => treeOf(schema, new Map())

/** The fewest bytes that a value takes: what a count must be paid for with. */
export const bytesMinOf = (node: SchemaNode): number => {
  switch (node.kind) {
    case 'null':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'fixed':
      return node.size
    case 'union':
      return 1 + Math.min(...node.branches.map(bytesMinOf))
    case 'record':
      return node.fields.reduce((sum, field) => sum + bytesMinOf(field.node), 0)
    default:
      return 1
  }
}

const treeOf = (schema: AvroSchema, known: Map<string, SchemaNode>): SchemaNode => {
  if (typeof schema === 'string') return namedNode(schema, known)
  if (isUnion(schema)) {
    if (schema.length === 0) throw new SchemaError('a union without branches has no value')
    return { kind: 'union', branches: schema.map((branch) => treeOf(branch, known)) }
  }
  switch (schema.type) {
    case 'array':
      return { kind: 'array', items: paidFor(treeOf(schema.items, known), 'array') }
    case 'map':
      return { kind: 'map', values: treeOf(schema.values, known) }
    case 'enum':
      return define(known, schema.name, {
        kind: 'enum',
        name: schema.name,
        symbols: schema.symbols,
      })
    case 'fixed':
      return define(known, schema.name, { kind: 'fixed', name: schema.name, size: schema.size })
    case 'record': {
      const fields = schema.fields.map(({ name, type }) => ({ name, node: treeOf(type, known) }))
      return define(known, schema.name, { kind: 'record', name: schema.name, fields })
    }
    default:
      return { kind: schema.type }
  }
}

const namedNode = (name: string, known: ReadonlyMap<string, SchemaNode>): SchemaNode => {
  if (isPrimitive(name)) return { kind: name as AvroPrimitiveName }
  const node = known.get(name)
  if (node === undefined) throw new SchemaError(`${name}: not defined before, or contains itself`)
  return node
}

const define = (known: Map<string, SchemaNode>, name: string, node: SchemaNode): SchemaNode => {
  known.set(name, node)
  return node
}

/** Five bytes could otherwise claim four million items and get them. */
const paidFor = (items: SchemaNode, what: string): SchemaNode => {
  if (bytesMinOf(items) === 0) throw new SchemaError(`${what}: its items may take no byte at all`)
  return items
}
