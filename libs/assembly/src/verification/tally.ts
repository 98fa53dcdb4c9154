import type { DerivedTopic, EpochMs, Offset } from '@tidemark/model'
import type { CauseAt } from './cause.ts'
import { topicDigester, type TopicDigest } from './topic-digest.ts'

/** A record as the log holds it. */
export type EmittedRecord = RecordBytes & {
  readonly offset: Offset
  readonly timestampMs: EpochMs
}

/** What the re-execution gave. */
export type ReexecutedRecord = RecordBytes & { readonly at: CauseAt }

export type RecordBytes = { readonly key: Uint8Array | null; readonly value: Uint8Array | null }

/**
 * How emitted and re-executed records differ. `changed`: the same cause, other bytes; `missing`: not emitted, `emitted` is what stands there instead;
 * `surplus`: emitted, and nothing causes it; `order`: emitted after one that it comes before; `repeat`: a repeat with other bytes;
 * `unreadable`: no record of this topic, or damaged.
 */
export type Difference = {
  readonly kind: 'changed' | 'missing' | 'surplus' | 'order' | 'repeat' | 'unreadable'
  readonly topic: DerivedTopic
  readonly partition: number
  readonly detail: string
  readonly reexecuted: ReexecutedRecord | null
  readonly emitted: EmittedRecord | null
}

/** What was found in one topic. */
export type TopicFindings = {
  readonly topic: DerivedTopic
  /** Of the records that were compared, repeats left out. */
  readonly emitted: TopicDigest
  readonly reexecuted: TopicDigest
  readonly differences: number
  /** The first that was found. */
  readonly first: Difference | null
  /** Repeats that were left out, and those of them that came so late that their bytes could not be compared any more. */
  readonly repeats: number
  readonly repeatsUncompared: number
  /** Re-executed records whose counterparts retention or compaction has removed, or that the log did not hold yet. */
  readonly removed: number
  readonly compacted: number
  readonly pending: number
}

/** Takes down what comparers find in one topic. */
export type TopicTally = {
  readonly topic: DerivedTopic
  readonly addEmitted: (partition: number, source: string, record: RecordBytes) => void
  readonly addReexecuted: (partition: number, source: string, record: RecordBytes) => void
  readonly differ: (difference: Omit<Difference, 'topic'>) => void
  /** What was reported as missing has turned up behind its place. */
  readonly foundLater: (missing: ReexecutedRecord, emitted: EmittedRecord) => void
  readonly count: (what: Counted) => void
  readonly findings: () => TopicFindings
}

export type Counted = 'repeats' | 'repeatsUncompared' | 'removed' | 'compacted' | 'pending'

export const topicTally = (topic: DerivedTopic): TopicTally => {
  const emitted = topicDigester()
  const reexecuted = topicDigester()
  const counts = { repeats: 0, repeatsUncompared: 0, removed: 0, compacted: 0, pending: 0 }
  let differences = 0
  let first: Difference | null = null
  return {
    topic,
    addEmitted: (partition, source, { key, value }) => {
      emitted.add(partition, source, key, value)
    },
    addReexecuted: (partition, source, { key, value }) => {
      reexecuted.add(partition, source, key, value)
    },
    differ: (difference) => {
      differences++
      first ??= { ...difference, topic }
    },
    foundLater: (missing, record) => {
      differences++
      if (first?.reexecuted === missing)
        first = {
          ...first,
          ...{
            kind: 'order',
            emitted: record,
            detail: 'it stands behind one that it comes before',
          },
        }
    },
    count: (what) => {
      counts[what]++
    },
    findings: () => ({
      topic,
      ...{ emitted: emitted.digest(), reexecuted: reexecuted.digest(), differences, first },
      ...counts,
    }),
  }
}
