export {
  avroPrimitives,
  type AvroArray,
  type AvroDefinition,
  type AvroEnum,
  type AvroField,
  type AvroFixed,
  type AvroMap,
  type AvroName,
  type AvroPrimitive,
  type AvroPrimitiveName,
  type AvroRecord,
  type AvroSchema,
  type AvroUnion,
} from './avro-schema.ts'
export { currentSchemas, olderSchemas } from './catalogue.ts'
