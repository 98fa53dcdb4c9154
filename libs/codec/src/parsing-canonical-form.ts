import { avroPrimitives, type AvroSchema } from '@tidemark/schemas'

/**
 * The one spelling of a schema that fingerprints are taken of (Avro specification 1.12, "Transforming into Parsing Canonical Form"):
 * full names, primitives by name, only the attributes that decide how bytes are read, in a fixed order, without spaces.
 */
export const parsingCanonicalForm = (schema: AvroSchema, namespace = ''): string => {
  if (typeof schema === 'string')
    return JSON.stringify(isPrimitive(schema) ? schema : fullNameOf(schema, namespace))
  if (isUnion(schema))
    return `[${schema.map((branch) => parsingCanonicalForm(branch, namespace)).join(',')}]`
  switch (schema.type) {
    case 'array':
      return `{"type":"array","items":${parsingCanonicalForm(schema.items, namespace)}}`
    case 'map':
      return `{"type":"map","values":${parsingCanonicalForm(schema.values, namespace)}}`
    case 'enum':
    case 'fixed':
    case 'record':
      break
    default:
      return JSON.stringify(schema.type)
  }
  const name = fullNameOf(schema.name, schema.namespace ?? namespace)
  const head = `{"name":${JSON.stringify(name)},"type":"${schema.type}"`
  switch (schema.type) {
    case 'enum':
      return `${head},"symbols":${JSON.stringify(schema.symbols)}}`
    case 'fixed':
      return `${head},"size":${schema.size}}`
    case 'record': {
      // Names inside a definition belong to the namespace of its full name.
      const inner = name.slice(0, Math.max(0, name.lastIndexOf('.')))
      const fields = schema.fields.map(
        (field) =>
          `{"name":${JSON.stringify(field.name)},"type":${parsingCanonicalForm(field.type, inner)}}`,
      )
      return `${head},"fields":[${fields.join(',')}]}`
    }
  }
}

export const isPrimitive = (name: string): boolean =>
  (avroPrimitives as readonly string[]).includes(name)

/** `Array.isArray` does not narrow readonly arrays. */
export const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] =>
  Array.isArray(schema)

/** A name with a dot is full already. */
const fullNameOf = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
