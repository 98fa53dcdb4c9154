/** The log is not one that this traffic can be put on. */
export class UnfitLogError extends Error {
  readonly code = 'usage'
  readonly retriable = false
}
