import type { Processor, ProcessorName } from '@tidemark/model'
import type { ConfigurationCatalog } from '@tidemark/evaluation'
import type { EncodedEvent, EngineOptions } from '@tidemark/engine'
import type { TaskCommit } from '@tidemark/log'
import type { Sql } from '@tidemark/store'

/**
 * A deliberate bug, made of pieces of the world that are replaced; what is not named stays as it is. No production code knows of it.
 */
export type Sabotage = {
  readonly name: string
  /** Wraps a processor: what it is fed, what it emits, what it saves. `wallMs` is the clock of its machine. */
  readonly processor?: (processor: Processor, wallMs: () => number) => Processor
  readonly encode?: (
    encode: EngineOptions['encode'],
  ) => (event: Parameters<EngineOptions['encode']>[0]) => EncodedEvent
  /** How the log's client works; wraps the right one. */
  readonly client?: Partial<ClientBehaviour>
  /** Wraps where an evaluator finds configurations. */
  readonly catalog?: (catalog: ConfigurationCatalog) => ConfigurationCatalog
  /** Wraps the store's connection, above the faults. */
  readonly store?: (sql: Sql) => Sql
}

/** Decisions of the log's client that exactly-once rests on. */
export type ClientBehaviour = {
  /** The transactions of one commit, in their order; right is a single one that holds all. */
  readonly transactions: (commit: TaskCommit) => readonly Partial<TaskCommit>[]
  /** Right: the same for whoever owns the task. `draw` gives another number each time. */
  readonly transactionalId: (processor: ProcessorName, task: number, draw: () => number) => string
  /** Whether an acquisition initialises the producer, which fences the last owner. Otherwise it goes on in the epoch that is there. */
  readonly fences: boolean
  /** Which view of `checkpoints` an acquisition restores from. */
  readonly restoresFrom: 'committed' | 'everything'
  /** Whether a failed commit ends the session; otherwise the next one goes on in the same producer. */
  readonly discardsAfterFailure: boolean
}

export const rightBehaviour: ClientBehaviour = {
  transactions: (commit) => [commit],
  transactionalId: (processor, task) => `tidemark-${processor}-${task}`,
  fences: true,
  restoresFrom: 'committed',
  discardsAfterFailure: true,
}
