import { encode, partitionOfService } from '@tidemark/codec'
import {
  derivedTopics,
  inputTopics,
  topicOfEvent,
  type FleetSlice,
  type Layout,
  type TopicName,
} from '@tidemark/model'
import type { Attempt, Evidence, LoggedRecord, StoreContents } from '@tidemark/simulation'
import type { SnapshotStore } from '@tidemark/store'
import type { ConsoleLog } from './console-log.ts'
import { decidedCommit, visibleCommits } from './visible-commits.ts'
import type { JournalLine } from './journal.ts'

/** What the journal, Kafka's own consumer and the store say of a run, in the form in which invariants are checked. */
export const evidenceOf = async (
  layout: Layout,
  journal: readonly JournalLine[],
  topics: ConsoleLog,
  store: SnapshotStore,
): Promise<Evidence> => {
  const commits = visibleCommits(topics.records('checkpoints'))
  const derived = derivedTopics.flatMap((topic) => recordsIn(topics, topic))
  return {
    layout,
    delivery: 'exactly-once',
    attempts: attemptsIn(journal, layout),
    inputs: inputTopics.flatMap((topic) => recordsIn(topics, topic)),
    derived: derived.map((record) => ({
      ...record,
      commit: decidedCommit(commits, record),
      sentBy: null,
    })),
    commits,
    store: { contents: await contentsOf(store, derived), moments: null },
  }
}

const recordsIn = (topics: ConsoleLog, topic: TopicName): readonly LoggedRecord[] =>
  topics.records(topic).map((record) => ({ topic, ...record }))

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

const contentsOf = async (
  store: SnapshotStore,
  derived: readonly LoggedRecord[],
): Promise<StoreContents> => {
  const everything = { service: null, fromUs: -1, toUs: Number.MAX_SAFE_INTEGER }
  const reports = await store.reports({ limit: derived.length })
  const slices = new Map<string, FleetSlice>()
  // The store tells of the newest ones at a time; each window has its time.
  for (const { asOfUs } of reports)
    for (const slice of await store.slices(asOfUs)) slices.set(slice.id, slice)
  for (const slice of await store.slices(Number.MAX_SAFE_INTEGER)) slices.set(slice.id, slice)
  return {
    positions: await store.positions(),
    requestWindows: await store.requestWindows(everything),
    healthWindows: await store.healthWindows(everything),
    advances: await store.advances(),
    assessments: await store.assessments(),
    alerts: await store.alertEvents({ state: 'any', limit: 0 }),
    slices: [...slices.values()],
    reports,
  }
}
