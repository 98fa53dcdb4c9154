import type { Reached, Want } from '@tidemark/log'
import type {
  Checkpoint,
  DerivedEvent,
  ProcessorName,
  RecordBatches,
  SourcePosition,
} from '@tidemark/model'

export type EngineOptions = {
  /** Key and value of a derived event as they go on the log. */
  readonly encode: (event: DerivedEvent) => EncodedEvent
  readonly partitions: number
  readonly clock: EngineClock
  /** An encoded tick, and how long a partition is quiet before one is written; null where nobody may tick. */
  readonly ticks: { readonly value: Uint8Array; readonly intervalMs: number } | null
  /** Longest time between two commits while something changes. Default 200 ms. */
  readonly commitIntervalMs?: number
  /** Outputs that may wait for a commit: with so many, the next record boundary commits. Default 20,000. */
  readonly pendingOutputsMax?: number
  /** Bytes of their values. Default 16 MB. */
  readonly pendingBytesMax?: number
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

/** What a task tells whoever watches it, in the order of its life: `opening` first, `released` or `failed` last; `moved` after that. */
export type EngineEvent = TaskEvent & { readonly processor: ProcessorName; readonly task: number }

export type TaskEvent =
  | { readonly kind: 'opening' }
  /** The state is there; `through` is the position up to which it is read again, where that is above a source's own. */
  | {
      readonly kind: 'acquired'
      readonly sources: readonly SourcePosition[]
      readonly through: readonly Want[]
    }
  /** Nothing is read again any more. Told at once after `acquired` where nothing was. */
  | {
      readonly kind: 'restored'
      readonly sources: readonly SourcePosition[]
      readonly tookMs: number
    }
  /** A poll has returned and what it brought is worked off; `arrived` is empty when it brought nothing. */
  | {
      readonly kind: 'polled'
      readonly sources: readonly SourcePosition[]
      readonly arrived: readonly RecordBatches[]
    }
  /** Work cannot go on before something is there that no source brings; told again when it is something else. */
  | { readonly kind: 'waiting'; readonly reason: string }
  /** Nothing is waited for any more. */
  | { readonly kind: 'resumed' }
  | {
      readonly kind: 'committed'
      readonly sources: readonly SourcePosition[]
      readonly outputs: number
      readonly checkpoint: Checkpoint
      readonly tookMs: number
    }
  | { readonly kind: 'released' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It failed here, and has fallen to another member since. */
  | { readonly kind: 'moved' }
