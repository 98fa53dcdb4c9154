import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogueText } from './catalogue-text.ts'
import { currentSchemas, olderSchemas, type AvroRecord, type AvroSchema } from './index.ts'

const folder = join(import.meta.dirname, '..')
const currents: Readonly<Record<string, AvroRecord>> = currentSchemas
const olders: Readonly<Record<string, readonly AvroRecord[]>> = olderSchemas

describe('the catalogue of schemas', () => {
  it('equals the .avsc files', () => {
    expect(readFileSync(join(import.meta.dirname, 'catalogue.ts'), 'utf8')).toBe(
      catalogueText(folder),
    )
  })

  it.each(Object.entries(currents))('names %s as its file does', (file, schema) => {
    expect([schema.type, schema.namespace, schema.name]).toEqual(['record', 'tidemark', file])
  })

  it('defines a name in the same way wherever it is used', () => {
    const seen = new Map<string, string>()
    for (const schema of Object.values(currents))
      for (const [name, text] of definitionsOf(schema)) {
        expect({ name, text: seen.get(name) ?? text }).toEqual({ name, text })
        seen.set(name, text)
      }
    expect(seen.get('Id')).toBe('{"type":"fixed","name":"Id","size":16}')
  })

  it('holds integers and optional values of one kind only, so that bytes have one reading everywhere', () => {
    for (const schema of Object.values(currents))
      expect(shapeFaults(schema, schema.name)).toEqual([])
  })

  it('refuses floats, maps, other unions and defaults that are not null where it should', () => {
    expect(shapeFaults({ type: 'array', items: 'double' }, 'x')).toEqual(['x[]: double'])
    expect(shapeFaults({ type: 'map', values: 'int' }, 'x')).toEqual(['x: a map'])
    expect(shapeFaults(['int', 'null'], 'x')).toEqual(['x: a union that is not ["null", type]'])
    const optional = { name: 'a', type: ['null', 'int'], default: 0 }
    expect(shapeFaults({ type: 'record', name: 'R', fields: [optional] }, 'R')).toEqual([
      'R.a: the default of an optional field is null',
    ])
  })
})

describe('evolution', () => {
  it('has at least one older version to prove itself on', () => {
    expect(Object.values(olders).flat().length).toBeGreaterThan(0)
  })

  it.each(Object.entries(olders))(
    'keeps every version of %s readable by the next',
    (event, versions) => {
      const chain = [...versions, currents[event]!]
      for (let i = 1; i < chain.length; i++)
        expect(evolutionFaults(chain[i - 1]!, chain[i]!, event)).toEqual([])
    },
  )

  const base: AvroSchema = {
    type: 'record',
    name: 'R',
    fields: [
      { name: 'a', type: 'int' },
      { name: 'e', type: { type: 'enum', name: 'E', symbols: ['x', 'y'] } },
    ],
  }
  const withFields = (...fields: AvroRecord['fields']): AvroSchema => ({ ...base, fields })
  const [a, e] = base.fields as [AvroRecord['fields'][0], AvroRecord['fields'][0]]

  it.each([
    [
      'a new field without a default',
      withFields(a, e, { name: 'b', type: 'int' }),
      'R.b: new, without a default',
    ],
    ['a removed field', withFields(a), 'R.e: removed, renamed or moved'],
    ['a renamed field', withFields({ ...a, name: 'z' }, e), 'R.a: removed, renamed or moved'],
    [
      'a field in the middle',
      withFields(a, { name: 'b', type: 'int', default: 0 }, e),
      'R.e: removed, renamed or moved',
    ],
    ['another type', withFields({ ...a, type: 'string' }, e), 'R.a: int became string'],
    [
      'a symbol in front',
      withFields(a, { ...e, type: { type: 'enum', name: 'E', symbols: ['w', 'x', 'y'] } }),
      'R.e: symbols moved',
    ],
  ])('refuses %s', (_, next, fault) => {
    expect(evolutionFaults(base, next, 'R')).toEqual([fault])
  })

  it('allows new fields with a default, new symbols and int that became long', () => {
    const next = withFields(
      { ...a, type: 'long' },
      { ...e, type: { type: 'enum', name: 'E', symbols: ['x', 'y', 'z'] } },
      { name: 'b', type: ['null', 'int'], default: null },
    )
    expect(evolutionFaults(base, next, 'R')).toEqual([])
  })
})

/** Why bytes of `older` could not be read as `newer`, by the rule of schemas/README.md. */
const evolutionFaults = (older: AvroSchema, newer: AvroSchema, path: string): readonly string[] => {
  if (isUnion(older) || isUnion(newer)) {
    if (!isUnion(older) || !isUnion(newer)) return [`${path}: a union on one side only`]
    return older.flatMap((branch, i) => {
      const next = newer[i]
      return next === undefined ? [`${path}: a branch less`] : evolutionFaults(branch, next, path)
    })
  }
  const [was, is] = [kindOf(older), kindOf(newer)]
  if (was === 'int' && is === 'long') return []
  if (was !== is) return [`${path}: ${was} became ${is}`]
  if (typeof older === 'string' || typeof newer === 'string') return []
  if (older.type === 'record' && newer.type === 'record') {
    return [
      ...older.fields.flatMap((field, i) => {
        const next = newer.fields[i]
        const at = `${path}.${field.name}`
        if (next?.name !== field.name) return [`${at}: removed, renamed or moved`]
        return evolutionFaults(field.type, next.type, at)
      }),
      ...newer.fields
        .slice(older.fields.length)
        .filter(
          (field) => !('default' in field) && !older.fields.some(({ name }) => name === field.name),
        )
        .map((field) => `${path}.${field.name}: new, without a default`),
    ]
  }
  if (older.type === 'enum' && newer.type === 'enum')
    return older.symbols.every((symbol, i) => newer.symbols[i] === symbol)
      ? []
      : [`${path}: symbols moved`]
  if (older.type === 'array' && newer.type === 'array')
    return evolutionFaults(older.items, newer.items, `${path}[]`)
  return []
}

const shapeFaults = (schema: AvroSchema, path: string): readonly string[] => {
  if (isUnion(schema)) {
    if (schema.length !== 2 || schema[0] !== 'null' || schema[1] === undefined)
      return [`${path}: a union that is not ["null", type]`]
    return shapeFaults(schema[1], path)
  }
  const kind = kindOf(schema)
  if (kind === 'float' || kind === 'double') return [`${path}: ${kind}`]
  if (typeof schema === 'string') return []
  if (schema.type === 'map') return [`${path}: a map`]
  if (schema.type === 'array') return shapeFaults(schema.items, `${path}[]`)
  if (schema.type !== 'record') return []
  return schema.fields.flatMap((field) => [
    ...(isUnion(field.type) && (field.default ?? null) !== null
      ? [`${path}.${field.name}: the default of an optional field is null`]
      : []),
    ...shapeFaults(field.type, `${path}.${field.name}`),
  ])
}

const definitionsOf = (schema: AvroSchema): readonly (readonly [string, string])[] => {
  if (typeof schema === 'string') return []
  if (isUnion(schema)) return schema.flatMap(definitionsOf)
  if (schema.type === 'array') return definitionsOf(schema.items)
  if (schema.type === 'map') return definitionsOf(schema.values)
  if (schema.type === 'enum' || schema.type === 'fixed')
    return [[schema.name, JSON.stringify(schema)]]
  if (schema.type !== 'record') return []
  const inner = schema.fields.flatMap((field) => definitionsOf(field.type))
  // A type that was defined before stands in a later schema by name; compare what does not depend on that.
  const outline = schema.fields.map((field) => `${field.name}: ${outlineOf(field.type)}`).join()
  return [...inner, [schema.name, outline]]
}

const outlineOf = (schema: AvroSchema): string => {
  if (isUnion(schema)) return schema.map(outlineOf).join('|')
  if (typeof schema === 'string') return schema
  if (schema.type === 'array') return `${outlineOf(schema.items)}[]`
  return 'name' in schema ? schema.name : schema.type
}

/** `Array.isArray` does not narrow readonly arrays. */
const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema)

const kindOf = (schema: Exclude<AvroSchema, readonly AvroSchema[]>): string =>
  typeof schema === 'string' ? schema : 'name' in schema ? schema.name : schema.type
