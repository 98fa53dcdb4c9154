import type { ReadableLog } from '@tidemark/assembly'
import type { Layout } from '@tidemark/model'
import { digestsOf } from '@tidemark/replay'
import { violationsOf } from '@tidemark/simulation'
import type { SnapshotStore } from '@tidemark/store'
import type { ConsoleLog } from './console-log.ts'
import { evidenceOf } from './evidence.ts'
import type { JournalLine } from './journal.ts'

/** What a run leaves behind. */
export type Remains = {
  readonly journal: readonly JournalLine[]
  /** As Kafka's own consumer reads it. */
  readonly topics: ConsoleLog
  /** As Tidemark reads it. */
  readonly log: ReadableLog
  readonly store: SnapshotStore
  readonly layout: Layout
}

/** All that is wrong, by the numbers of the invariants; empty when nothing is. */
export const wrongIn = async (remains: Remains): Promise<readonly string[]> => {
  const { journal, topics, layout, store } = remains
  const evidence = await evidenceOf(layout, journal, topics, store)
  const violations = await violationsOf(evidence)
  return [
    ...violations.map(({ invariant, what }) => `${invariant}: ${what}`),
    ...(await seenOtherwise(remains)),
  ]
}

/** Both clients see the same derived topics. */
const seenOtherwise = async ({ topics, log }: Remains): Promise<readonly string[]> => {
  const [theirs, ours] = await Promise.all([digestsOf(topics), digestsOf(log)])
  return Object.keys(theirs).flatMap((topic) =>
    theirs[topic]!.digest === ours[topic]!.digest
      ? []
      : [
          `${topic}: ${theirs[topic]!.records} records by the console consumer, ${ours[topic]!.records} by Tidemark`,
        ],
  )
}
