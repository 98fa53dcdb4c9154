import { encode, partitionOfService } from '@tidemark/codec'
import { topicOfEvent, type Layout } from '@tidemark/model'
import { evidenceOfLog, type Attempt, type Evidence } from '@tidemark/simulation'
import type { SnapshotStore } from '@tidemark/store'
import type { ConsoleLog } from './console-log.ts'
import type { JournalLine } from './journal.ts'
import { commitsByRecord, visibleCommits } from './visible-commits.ts'

/** What the journal, Kafka's own consumer and the store say of a run, in the form in which invariants are checked. */
export const evidenceOf = async (
  layout: Layout,
  journal: readonly JournalLine[],
  topics: ConsoleLog,
  store: SnapshotStore,
): Promise<Evidence> => {
  const evidence = await evidenceOfLog(topics, layout, store)
  const commits = visibleCommits(topics.records('checkpoints'))
  const commitOf = commitsByRecord(commits)
  return {
    ...evidence,
    commits,
    attempts: attemptsIn(journal, layout),
    derived: evidence.derived.map((record) => ({ ...record, commit: commitOf(record) })),
  }
}

/** What was asked for may be there, once or more often; what was acknowledged is where it was said to be. */
const attemptsIn = (
  journal: readonly JournalLine[],
  { partitions }: Layout,
): readonly Attempt[] => {
  const refused = new Set(journal.flatMap((line) => (line.kind === 'refused' ? [line.id] : [])))
  const asked = new Map<string, Attempt>()
  for (const line of journal) {
    if (line.kind !== 'attempt' || refused.has(line.id)) continue
    const { event, id } = line
    const { key, partition } = partitionOfService(event.service, partitions)
    const entries = [{ key, value: encode(event) }]
    asked.set(id, {
      topic: topicOfEvent[event.type],
      partition,
      entries,
      outcome: { kind: 'unknown' },
    })
  }
  const acknowledged = journal.flatMap((line): readonly Attempt[] => {
    const attempt = line.kind === 'acked' ? asked.get(line.id) : undefined
    if (line.kind !== 'acked' || attempt === undefined) return []
    return [{ ...attempt, outcome: { kind: 'acknowledged', baseOffset: line.offset } }]
  })
  return [...asked.values(), ...acknowledged]
}
