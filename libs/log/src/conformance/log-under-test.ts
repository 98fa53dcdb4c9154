import type { Offset, TopicName } from '@tidemark/model'
import type { Log } from '../log.ts'

/** Makes an empty log with a client of it, for one test. */
export type MakeLog = () => Promise<LogUnderTest>

export type LogUnderTest = {
  readonly log: Log
  /** The prefix that the log was opened with, where it is given there. Default: none. */
  readonly prefix?: string
  /** Another client of the same log. */
  readonly open: () => Promise<Log>
  /** A client that takes tasks over from owners that are still at work, as happens to one that was silent for too long. */
  readonly usurp?: () => Promise<Log>
  /** Removes the records of a partition below an offset, as retention does. */
  readonly trim?: (topic: TopicName, partition: number, below: Offset) => Promise<void>
  /** Closes all clients and removes the log. */
  readonly close: () => Promise<void>
}

/** Whether an adapter does something that not all can do; if not, why. The reason stands in the name of each test passed over. */
export type Feature = true | { readonly not: string }

export type LogFeatures = {
  /** What a commit writes becomes visible all at once, and a commit that fails leaves nothing. */
  readonly atomicCommit: Feature
  /** A commit of an owner that was fenced without knowing adds nothing. Needs `usurp`. */
  readonly fencedCommit: Feature
  /** `trim` is there. */
  readonly trim: Feature
}
