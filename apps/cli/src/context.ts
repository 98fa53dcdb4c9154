import type { Terminal } from './terminal.ts'

/** 0: done; 1: done, and found a problem; 2: the call was wrong. */
export type ExitCode = 0 | 1 | 2

/** What every command gets beside its own options. */
export type CommandContext = {
  readonly terminal: Terminal
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
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
  /** A file, or `postgres://...`. */
  readonly store?: string
}

export type JsonOptions = LogOptions & { readonly json?: boolean }
