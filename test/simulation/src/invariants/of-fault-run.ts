import { derivedTopics, inputTopics, partitionsOf, type TopicName } from '@tidemark/model'
import type { FaultRun, SimulatedRecord } from '../faults/index.ts'
import { derivedEventsOf, eventsOf } from './derived-events.ts'
import type { Attempt, DerivedRecord, Evidence } from './evidence.ts'
import { storeContentsOf } from './store-contents.ts'

/** What a simulated run left behind, as the checks want it. */
export const evidenceOfFaultRun = async (run: FaultRun): Promise<Evidence> => {
  const commitOf = new Map(run.checkpoints.map(({ transaction }, index) => [transaction, index]))
  const derived = committedOf(run, derivedTopics).map((record): DerivedRecord => ({
    ...record,
    sentBy:
      record.writer.kind === 'task'
        ? { owner: record.writer.process, epoch: record.writer.epoch }
        : null,
    commit: record.transaction === null ? null : (commitOf.get(record.transaction) ?? null),
  }))
  const slices = eventsOf(derivedEventsOf({ derived }), 'FleetSlice')
  const sliceEndsUs = new Set(slices.map(({ event }) => event.windowEndUs))
  return {
    layout: run.layout,
    delivery: 'exactly-once',
    attempts: run.journal.map(attemptOf),
    inputs: committedOf(run, inputTopics),
    catalog: committedOf(run, ['catalog']),
    derived,
    commits: run.checkpoints.map(({ writer, positions, checkpoint }) => ({
      ...{ processor: writer.processor, task: writer.task },
      ...{ owner: writer.process, epoch: writer.epoch, positions, checkpoint },
    })),
    store: {
      contents: await storeContentsOf(run.store, sliceEndsUs),
      moments: run.storeCommits.map(({ positions, versions }) => ({ positions, versions })),
    },
  }
}

const committedOf = (run: FaultRun, topics: readonly TopicName[]): readonly SimulatedRecord[] =>
  topics.flatMap((topic) =>
    Array.from({ length: partitionsOf(topic, run.layout.partitions) }, (_, partition) =>
      run.committed(topic, partition),
    ).flat(),
  )

const attemptOf = ({
  topic,
  partition,
  entries,
  outcome,
}: FaultRun['journal'][number]): Attempt => ({
  ...{ topic, partition, entries },
  outcome:
    outcome.kind === 'acked'
      ? { kind: 'acknowledged', baseOffset: outcome.baseOffset }
      : { kind: outcome.kind },
})
