/** Bytes that claim to be record batches are cut, contradict themselves or fail their checksum. The partition stops. */
export class CorruptBatchError extends Error {
  readonly code = 'corrupt_batch'
  readonly retriable = false
}

/** A record batch that is sound but not of the one kind that is read: format v2, uncompressed. */
export class UnsupportedBatchError extends Error {
  readonly code = 'unsupported_batch'
  readonly retriable = false
}
