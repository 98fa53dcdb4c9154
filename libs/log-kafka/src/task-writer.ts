import type { GroupOffset } from './group-offsets.ts'
import type { SentRecord } from './sender.ts'

/** How the owner of a task writes. After an error it writes nothing more: whoever acquires the task next finds out what stands in the log. */
export type TaskWriter = {
  /** Takes what it needs, and fences, where it can, whoever had it before. */
  readonly open: () => Promise<void>
  /** Appends records to a partition outside of any commit; resolves with the offset of the first one. */
  readonly append: (
    name: string,
    partition: number,
    records: readonly SentRecord[],
  ) => Promise<number>
  readonly commit: (content: CommitContent) => Promise<void>
  /** Resolves when what was committed can be read, or soon after if it cannot. */
  readonly close: () => Promise<void>
}

/** Outputs, and then the checkpoint, each partition once. */
export type CommitContent = {
  readonly partitions: readonly PartitionRecords[]
  readonly offsets: readonly GroupOffset[]
}

export type PartitionRecords = {
  readonly name: string
  readonly partition: number
  /** At least one. */
  readonly records: readonly SentRecord[]
}
