import type { InputTopic, Ledger } from '@tidemark/model'
import { firstDifference } from '../oracle/differing.ts'
import { eventsOf } from './derived-events.ts'
import type { ObservedCommit } from './evidence.ts'
import type { JudgedRun, ReadRun } from './judged-run.ts'
import { violations, type Violation } from './violation.ts'

/** I2: at every commit each event read has ended in one way, and each way holds what the oracle counted. */
export const checkLedgers = (run: JudgedRun): readonly Violation[] =>
  violations(
    'I2',
    (run.evidence.commits ?? []).flatMap((commit, i) =>
      wrongSources(run, commit).map((what) => `commit ${i} of ${commit.owner}: ${what}`),
    ),
  )

/** I2: at every advance each event read has ended in one way. */
export const checkBalances = ({ events }: ReadRun): readonly Violation[] =>
  violations(
    'I2',
    eventsOf(events, 'PartitionAdvanced')
      .filter(({ event }) => !isBalanced(event.ledger))
      .map(
        ({ event: { topic, partition, position } }) =>
          `${topic}/${partition}: the ledger at ${position} does not add up`,
      ),
  )

/** As the aggregator's checkpoint holds a source, as far as its sum is concerned. */
type SavedSource = {
  readonly topic: InputTopic
  readonly partition: number
  readonly position: number
  readonly ledger: Ledger
  readonly open: number
}

const wrongSources = ({ oracle }: JudgedRun, commit: ObservedCommit): readonly string[] => {
  const main = commit.checkpoint.get('aggregator')
  if (commit.processor !== 'aggregator' || main === undefined) return []
  const { sources } = JSON.parse(Buffer.from(main).toString()) as {
    readonly sources: readonly SavedSource[]
  }
  return sources.flatMap(({ topic, partition, position, ledger, open }) => {
    const { ledgers } = oracle.sourceOf(topic, partition)
    const { ledger: expected, open: expectedOpen } = ledgers.findLast(
      ({ offset }) => offset < position,
    ) ?? { ledger: emptyLedger, open: 0 }
    const where = `${topic}/${partition} below ${position}`
    const difference = firstDifference({ ...expected, open: expectedOpen }, { ...ledger, open })
    return [
      ...(isBalanced(ledger) ? [] : [`${where}: the ledger does not add up`]),
      ...(difference === null ? [] : [`${where}: ${difference}`]),
    ]
  })
}

const emptyLedger = { events: 0, aggregated: 0, late: 0, duplicate: 0, rejected: [], lost: 0 }

const isBalanced = ({ events, aggregated, late, duplicate, rejected }: Ledger): boolean =>
  events === rejected.reduce((sum, each) => sum + each.events, aggregated + late + duplicate)
