export {
  configurationBytesMax,
  configurationPartBytesMax,
  configurationPartsMax,
  configurationRecords,
  ConfigurationRecordError,
  readConfiguration,
} from './configuration-records.ts'
export { configurationShapeFault } from './configuration-shape.ts'
export {
  decode,
  decodeBody,
  encode,
  EncodeError,
  inputSchemas,
  makeCodec,
  plainCodec,
  RegistryTableError,
  type Codec,
  type CodecOptions,
  type Decoded,
  type InputSchemas,
  type ReadFact,
  type Upgraded,
} from './codec.ts'
export {
  monthOf,
  parseFactLine,
  parseMonth,
  type FactLineOptions,
  type ParsedFactLine,
} from './fact-line.ts'
export { noteBytesMax } from './field-rules.ts'
export { parseIsoUs } from './iso-time.ts'
export { readableSchemas, type ReadableSchema, type SchemaName } from './event-schemas.ts'
export { layoutRecord, LayoutRecordError, readLayout } from './layout-record.ts'
export { lineOf } from './line.ts'
export { lineBytesMax, parseLine, type ParsedLine } from './ndjson.ts'
export { encodeOutput, tick, type EncodedOutput } from './output.ts'
export { parsingCanonicalForm } from './parsing-canonical-form.ts'
export { partitionOfService } from './partition-of-service.ts'
export type { WalkCost } from './pre-walk.ts'
export {
  decodeRecord,
  recordReader,
  type DecodedRecord,
  type RecordReader,
} from './record-reader.ts'
