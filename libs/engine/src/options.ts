import type { Reached } from '@tidemark/log'
import type { DerivedEvent, SourcePosition } from '@tidemark/model'

export type EngineOptions = {
  /** Key and value of a derived event as they go on the log. */
  readonly encode: (event: DerivedEvent) => EncodedEvent
  readonly partitions: number
  readonly clock: EngineClock
  /** An encoded tick, and how long a partition is quiet before one is written; null where nobody may tick. */
  readonly ticks: { readonly value: Uint8Array; readonly intervalMs: number } | null
  /** Longest time between two commits while something changes. Default 200 ms. */
  readonly commitIntervalMs?: number
  readonly observe?: (event: EngineEvent) => void
  /** Called in the midst of the work, for tests that end the process there. */
  readonly reached?: Reached
}

export type EncodedEvent = { readonly key: Uint8Array | null; readonly value: Uint8Array }

export type EngineClock = {
  /** Monotonic. */
  readonly nowMs: () => number
  /** Lets timers, sockets and signals have their turn. */
  readonly breathe: () => Promise<void>
  /** Ends early, without an error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What a task tells whoever watches it; sources are as of the last commit. */
export type EngineEvent = {
  readonly kind: 'acquired' | 'committed' | 'released'
  readonly processor: string
  readonly task: number
  readonly outputs: number
  readonly sources: readonly SourcePosition[]
}
