/** Errors that say the call was wrong rather than the run: exit code 2. */
export const isMisuse = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['not_provisioned', 'layout_mismatch', 'layout', 'usage'].includes(String(error.code))
