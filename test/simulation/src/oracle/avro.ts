import { currentSchemas, olderSchemas, type AvroSchema } from '@tidemark/schemas'

// Avro once more, by the .avsc files alone and one value at a time, for judging what the processors' own readers make of the same
// bytes.

/** Fields by name; fixed values in hexadecimal, a string that is no UTF-8 as `notText`. */
export type AvroValue = { readonly [field: string]: unknown }

/** Half a character: no string of Avro's can be it. */
export const notText = '\ud800'

export type Content =
  | { readonly kind: 'event'; readonly type: string; readonly fields: AvroValue }
  | { readonly kind: 'refused'; readonly reason: 'bad_frame' | 'unknown_schema' | 'bad_avro' }

/** What a record value holds in Avro's single-object encoding. */
export const contentOf = (bytes: Uint8Array): Content => {
  if (bytes.length < 10 || bytes[0] !== 0xc3 || bytes[1] !== 1) return refused('bad_frame')
  const known = schemas.get(Buffer.from(bytes.subarray(2, 10)).toString('hex'))
  if (known === undefined) return refused('unknown_schema')
  const input: Input = { bytes, at: 10, named: known.named }
  try {
    const fields = read(input, known.schema) as AvroValue
    if (input.at !== bytes.length) throw new BadAvro('bytes left over')
    return { kind: 'event', type: known.type, fields: { ...known.defaults, ...fields } }
  } catch (error) {
    if (error instanceof BadAvro) return refused('bad_avro')
    throw error
  }
}

const refused = (reason: 'bad_frame' | 'unknown_schema' | 'bad_avro'): Content => ({
  kind: 'refused',
  reason,
})

class BadAvro extends Error {}

type Input = {
  readonly bytes: Uint8Array
  at: number
  readonly named: ReadonlyMap<string, AvroSchema>
}

const read = (input: Input, schema: AvroSchema): unknown => {
  if (typeof schema === 'string') return readNamed(input, schema)
  if (Array.isArray(schema)) {
    const branch = (schema as readonly AvroSchema[])[readInt(input)]
    if (branch === undefined) throw new BadAvro('union branch')
    return read(input, branch)
  }
  const definition = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>
  switch (definition.type) {
    case 'record':
      return Object.fromEntries(
        definition.fields.map(({ name, type }) => [name, read(input, type)] as const),
      )
    case 'enum':
      return definition.symbols[readInt(input)]
    case 'fixed':
      return Buffer.from(take(input, definition.size)).toString('hex')
    case 'array':
      return readArray(input, definition.items)
    default:
      return readNamed(input, definition.type)
  }
}

const readNamed = (input: Input, name: string): unknown => {
  switch (name) {
    case 'null':
      return null
    case 'boolean': {
      const byte = take(input, 1)[0]!
      if (byte > 1) throw new BadAvro('boolean')
      return byte === 1
    }
    case 'int':
      return readInt(input)
    case 'long':
      return Number(readLong(input))
    case 'bytes':
      return take(input, readInt(input))
    case 'string':
      return textOf(take(input, readInt(input)))
    default: {
      const defined = input.named.get(name)
      if (defined === undefined) throw new Error(`oracle: schema names ${name}, which is not known`)
      return read(input, defined)
    }
  }
}

const take = (input: Input, count: number): Uint8Array => {
  if (count < 0 || count > input.bytes.length - input.at) throw new BadAvro('length')
  return input.bytes.subarray(input.at, (input.at += count))
}

/** Zigzag in groups of seven bits, as few as possible, at most 64 bits. */
const readLong = (input: Input): bigint => {
  const first = input.bytes[input.at]
  if (first !== undefined && first < 0x80) {
    input.at++
    return BigInt((first >> 1) ^ -(first & 1))
  }
  let zigzag = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = take(input, 1)[0]!
    zigzag |= BigInt(byte & 0x7f) << shift
    if (byte >= 0x80) continue
    if ((byte === 0 && shift > 0n) || zigzag >= 1n << 64n) throw new BadAvro('long')
    return (zigzag >> 1n) ^ -(zigzag & 1n)
  }
}

const readInt = (input: Input): number => {
  const value = readLong(input)
  if (BigInt.asIntN(32, value) !== value) throw new BadAvro('int')
  return Number(value)
}

const readArray = (input: Input, items: AvroSchema): readonly unknown[] => {
  const values: unknown[] = []
  for (;;) {
    let count = Number(readLong(input))
    if (count === 0) return values
    let end: number | null = null
    if (count < 0) {
      count = -count
      end = Number(readLong(input)) + input.at
    }
    // Every item takes a byte at least.
    if (count > input.bytes.length - input.at) throw new BadAvro('block')
    for (let i = 0; i < count; i++) values.push(read(input, items))
    if (end !== null && end !== input.at) throw new BadAvro('block size')
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    return notText
  }
}

/** The specification's CRC-64-AVRO of a schema's canonical form, in the order in which the frame holds its bytes. */
const fingerprintOf = (schema: AvroSchema): string => {
  let crc = 0xc15d213aa4d7a795n
  for (const byte of Buffer.from(canonical(schema, ''))) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++)
      crc = (crc >> 1n) ^ ((crc & 1n) === 1n ? 0xc15d213aa4d7a795n : 0n)
  }
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(crc)
  return bytes.toString('hex')
}

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']

const canonical = (schema: AvroSchema, namespace: string): string => {
  const full = (name: string): string => (namespace === '' ? name : `${namespace}.${name}`)
  if (typeof schema === 'string')
    return JSON.stringify(primitives.includes(schema) ? schema : full(schema))
  if (Array.isArray(schema))
    return `[${(schema as readonly AvroSchema[]).map((one) => canonical(one, namespace)).join(',')}]`
  const definition = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>
  switch (definition.type) {
    case 'array':
      return `{"type":"array","items":${canonical(definition.items, namespace)}}`
    case 'enum':
      return `{"name":"${full(definition.name)}","type":"enum","symbols":${JSON.stringify(definition.symbols)}}`
    case 'fixed':
      return `{"name":"${full(definition.name)}","type":"fixed","size":${definition.size}}`
    case 'record': {
      const within = definition.namespace ?? namespace
      const fields = definition.fields.map(
        ({ name, type }) => `{"name":"${name}","type":${canonical(type, within)}}`,
      )
      return `{"name":"${within}.${definition.name}","type":"record","fields":[${fields.join(',')}]}`
    }
    default:
      return JSON.stringify(definition.type)
  }
}

/** The types that a schema defines, wherever in it. */
const namedIn = (schema: AvroSchema): readonly (readonly [name: string, AvroSchema])[] => {
  if (typeof schema === 'string') return []
  if (Array.isArray(schema)) return (schema as readonly AvroSchema[]).flatMap(namedIn)
  const definition = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>
  const own = 'name' in definition ? [[definition.name, definition] as const] : []
  if (definition.type === 'array') return namedIn(definition.items)
  return definition.type === 'record'
    ? [...own, ...definition.fields.flatMap(({ type }) => namedIn(type))]
    : own
}

type Known = {
  readonly type: string
  readonly schema: AvroSchema
  readonly named: ReadonlyMap<string, AvroSchema>
  readonly defaults: AvroValue
}

const known = (type: string, schema: AvroSchema, defaults: AvroValue) =>
  [fingerprintOf(schema), { type, schema, named: new Map(namedIn(schema)), defaults }] as const

const schemas: ReadonlyMap<string, Known> = new Map([
  ...Object.entries(currentSchemas).map(([type, schema]) => known(type, schema, {})),
  // What an older form lacks is null in today's.
  ...Object.entries(olderSchemas).flatMap(([type, older]) =>
    older.map((schema) => known(type, schema, { reason: null })),
  ),
])
