/** How every process of Tidemark ends. A second SIGINT or SIGTERM ends it at once, with 130 or 143, as a shell would say. */
export const exitCodes = {
  /** Done; a process that runs until it is stopped was stopped. */
  ok: 0,
  /** Failed, or done and found a problem. */
  failed: 1,
  /** The call was wrong, or what it names is not there. */
  misuse: 2,
  /** There was something to do, and nothing was finished for too long: a supervisor should start the process again. */
  stalled: 3,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** How a process ends that could not go on: errors with one of these codes say that the call was wrong rather than the run. */
export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof Error && 'code' in error && misuseCodes.has(String(error.code))
    ? exitCodes.misuse
    : exitCodes.failed

const misuseCodes: ReadonlySet<string> = new Set([
  'not_provisioned',
  'layout_mismatch',
  'layout',
  'usage',
])
