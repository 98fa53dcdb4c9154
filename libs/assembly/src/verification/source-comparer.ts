import { isAfter, isAt, type CauseAt } from './cause.ts'
import type { EmittedSource } from './emitted-partition.ts'
import type { CausedRecord } from './record-queue.ts'
import { recentRecords } from './recent-records.ts'
import type { RecordBytes, ReexecutedRecord, TopicTally } from './tally.ts'

/** Compares what one source should have written into one partition with what stands there, both in the order of their causes. */
export type SourceComparer = {
  /** Compares from behind a cause on; until then what is expected, and what stands there, is passed over. */
  readonly begin: (after: CauseAt) => void
  readonly expect: (record: ReexecutedRecord) => Promise<void>
  /** What stands where a record of this cause belongs; null when nothing does. */
  readonly standing: (at: CauseAt) => Promise<CausedRecord | null>
  /** Nothing more is expected: whatever still stands there is too much. */
  readonly end: () => Promise<void>
}

export type ComparerOptions = {
  readonly partition: number
  readonly source: string
  /** The last cause that is compared. */
  readonly through: CauseAt
  /** Up to this cause the log must hold everything; what follows may not have been written yet. */
  readonly requiredThrough: CauseAt
  /** Compaction leaves only the last record of each key. */
  readonly isCompacted: boolean
  /** Records whose repeats are compared. */
  readonly recentMax: number
}

export const sourceComparer = (
  emitted: EmittedSource,
  tally: TopicTally,
  { partition, source, through, requiredThrough, isCompacted, recentMax }: ComparerOptions,
): SourceComparer => {
  const recent = recentRecords(recentMax)
  let after: CauseAt | null = null
  let last: CauseAt | null = null
  /** As `emitted.cuts` when a record was last passed: of what lies behind a later cut nobody knows what stood there. */
  let cutsPassed = 0
  let hasSkipped = false
  let firstMissing: ReexecutedRecord | null = null
  /** Of a compacted topic: the last expected record of each key that was not there. */
  const uncertain = new Map<string, ReexecutedRecord>()

  const repeat = (record: CausedRecord): void => {
    if (
      firstMissing !== null &&
      isAt(record.at, firstMissing.at) &&
      isEqual(record, firstMissing)
    ) {
      tally.foundLater(firstMissing, record)
      return
    }
    const found = recent.find(record.at, record)
    if (found === 'equal' || found === 'older') tally.count('repeats')
    if (found === 'older') tally.count('repeatsUncompared')
    if (found === 'different')
      differ('repeat', 'a repeat with other bytes than before', null, record)
    if (found === 'absent') differ('surplus', 'nothing causes it', null, record)
  }

  const differ = (
    kind: 'changed' | 'missing' | 'surplus' | 'repeat',
    detail: string,
    reexecuted: ReexecutedRecord | null,
    record: CausedRecord | null,
  ): void => {
    tally.differ({ kind, partition, detail, reexecuted, emitted: record })
  }

  /** The next record of those that are compared, behind repeats. */
  const next = async (): Promise<CausedRecord | null> => {
    if (!hasSkipped && after !== null) await emitted.skipThrough(after)
    hasSkipped = true
    for (;;) {
      const record = await emitted.next()
      if (record === null || isAfter(record.at, through)) return null
      if (after !== null && isAfter(record.at, after)) {
        if (last === null || isAfter(record.at, last)) return record
        repeat(record)
      }
      pass()
    }
  }

  const pass = (): void => {
    emitted.take()
    cutsPassed = emitted.cuts()
  }

  const take = (record: CausedRecord): void => {
    pass()
    last = record.at
    recent.add(record.at, record)
    tally.addEmitted(partition, source, record)
  }

  const notThere = async (
    record: ReexecutedRecord,
    instead: CausedRecord | null,
  ): Promise<'look-again' | null> => {
    if (emitted.brokenAt() !== null) return null
    if (emitted.cuts() > cutsPassed) tally.count('removed')
    else if (instead === null && isAfter(record.at, requiredThrough)) tally.count('pending')
    else if (instead === null && (await emitted.lookAgain())) return 'look-again'
    else if (isCompacted) {
      settle(record)
      uncertain.set(nameOf(record), record)
    } else {
      tally.addReexecuted(partition, source, record)
      firstMissing ??= record
      const detail = instead === null ? 'the topic ends before it' : 'another one stands there'
      differ('missing', detail, record, instead)
    }
    return null
  }

  const expect = async (record: ReexecutedRecord): Promise<void> => {
    if (after === null || !isAfter(record.at, after) || isAfter(record.at, through)) return
    for (;;) {
      const there = await next()
      if (there === null || isAfter(there.at, record.at)) {
        if ((await notThere(record, there)) === 'look-again') continue
        return
      }
      take(there)
      if (!isAt(there.at, record.at)) {
        differ('surplus', 'nothing causes it', null, there)
        continue
      }
      if (isCompacted) settle(record)
      tally.addReexecuted(partition, source, record)
      if (!isEqual(record, there)) differ('changed', 'other bytes', record, there)
      return
    }
  }

  /** There is a later record of the key, so the one before may have been compacted away. */
  const settle = (record: RecordBytes): void => {
    if (uncertain.delete(nameOf(record))) tally.count('compacted')
  }

  /** What is not compared any more may still be the later record of a key. */
  const settleByLater = async (): Promise<void> => {
    while (uncertain.size > 0) {
      const record = await emitted.next()
      if (record !== null) {
        settle(record)
        emitted.take()
      } else if (emitted.brokenAt() !== null || !(await emitted.lookAgain())) return
    }
  }

  return {
    begin: (from) => {
      after = from
    },
    expect,
    standing: async (at) => {
      const there = await next()
      return there !== null && isAt(there.at, at) ? there : null
    },
    end: async () => {
      if (after === null) return
      for (let record = await next(); record !== null; record = await next()) {
        // What was written after the inputs' ends were looked up may rest on inputs that were not read.
        if (record.offset >= emitted.firstEnd) break
        take(record)
        differ('surplus', 'nothing causes it', null, record)
      }
      await settleByLater()
      for (const record of uncertain.values())
        differ('missing', 'the last one of its key', record, null)
    },
  }
}

const isEqual = (a: RecordBytes, b: RecordBytes): boolean =>
  equalBytes(a.key, b.key) && equalBytes(a.value, b.value)

const equalBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0

const nameOf = ({ key }: RecordBytes): string => Buffer.from(key ?? []).toString('latin1')
