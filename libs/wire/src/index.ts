export { batchIdentitySet, type BatchBits, type BatchIdentitySet } from './batch-identity-set.ts'
export { crc32c } from './crc32c.ts'
export { CorruptBatchError, UnsupportedBatchError } from './errors.ts'
export { crc64Avro, fingerprintHex, type Fingerprint } from './fingerprint.ts'
export {
  frameReader,
  singleObjectHeader,
  type FrameFault,
  type FrameReader,
  type FrameSchemas,
} from './frame.ts'
export { healthCheckedReader, type HealthCheckedReader } from './health-checked-reader.ts'
export { putInSlots } from './hash-slots.ts'
export { identityColumns, type IdentityColumns } from './identity-columns.ts'
export { identitySet, type IdentitySet } from './identity-set.ts'
export {
  addBatchEvents,
  addBatchIdentity,
  addIdentity,
  addIdentityWords,
  addSum64,
  idMix,
  openBatchMix,
  sum64,
  type IdMix,
  type Sum64,
} from './mix64.ts'
export { murmur2, partitionOf } from './murmur2.ts'
export { nameTable, type NameTable } from './name-table.ts'
export type { ReadResult } from './read-result.ts'
export {
  attributesAt,
  batchBytesAt,
  batchCrcMatches,
  batchHeaderAt,
  batchHeaderBytes,
  compressionBits,
  controlBit,
  hideBatch,
  int32At,
  int64At,
  lengthPrefixBytes,
  logAppendTimeBit,
  magicAt,
  transactionalBit,
  transactionMarkerAt,
  type BatchHeader,
} from './record-batch.ts'
export {
  recordBatchBytes,
  splitBySize,
  writeRecordBatch,
  type BatchEntry,
  type TransactionalWriter,
} from './record-batch-writer.ts'
export { recordCursor, type RecordCursor } from './record-cursor.ts'
export {
  batchEventsMax,
  batchOperationsMax,
  requestBatchReader,
  type RequestBatchReader,
} from './request-batch-reader.ts'
export { requestObservedReader, type RequestObservedReader } from './request-observed-reader.ts'
export { requestRun, runRecordsMax, type RequestRun, type RunBounds } from './request-run.ts'
export { decodeUtf8, encodeUtf8, isUtf8 } from './utf8.ts'
