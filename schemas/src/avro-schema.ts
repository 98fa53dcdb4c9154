/** An Avro schema as JSON: the part of the specification that Tidemark's schemas use, and floats and maps. */
export type AvroSchema = AvroName | AvroUnion | AvroDefinition

/** A primitive's name, or that of a type defined before. */
export type AvroName = string
export type AvroUnion = readonly AvroSchema[]
export type AvroDefinition = AvroPrimitive | AvroRecord | AvroEnum | AvroFixed | AvroArray | AvroMap

export const avroPrimitives = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const
export type AvroPrimitiveName = (typeof avroPrimitives)[number]

export type AvroPrimitive = { readonly type: AvroPrimitiveName; readonly logicalType?: string }
export type AvroRecord = Named & {
  readonly type: 'record'
  readonly fields: readonly AvroField[]
}
export type AvroField = {
  readonly name: string
  readonly type: AvroSchema
  readonly doc?: string
  readonly default?: unknown
}
export type AvroEnum = Named & { readonly type: 'enum'; readonly symbols: readonly string[] }
export type AvroFixed = Named & {
  readonly type: 'fixed'
  readonly size: number
  readonly logicalType?: string
}
export type AvroArray = { readonly type: 'array'; readonly items: AvroSchema }
export type AvroMap = { readonly type: 'map'; readonly values: AvroSchema }

type Named = { readonly name: string; readonly namespace?: string; readonly doc?: string }
