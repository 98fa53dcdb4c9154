import type { OperatedProcess } from '@tidemark/assembly'
import type { Terminal } from './terminal.ts'

export type { ExitCode } from '@tidemark/runtime/process'

/** What every command gets beside its own options. */
export type CommandContext = {
  readonly terminal: Terminal
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  readonly process: OperatedProcess
}

/** The call was wrong: the message says what, which value and what was allowed. */
export class UsageError extends Error {
  readonly code = 'usage'
  readonly retriable = false
}

export type LogOptions = {
  readonly data?: string
  readonly brokers?: string
  readonly prefix?: string
  readonly delivery?: string
  /** A file, or `postgres://...`. */
  readonly store?: string
}

export type JsonOptions = LogOptions & { readonly json?: boolean }
