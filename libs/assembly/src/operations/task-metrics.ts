import { ledgerOf } from '@tidemark/aggregation'
import type { EngineEvent } from '@tidemark/engine'
import { FencedError } from '@tidemark/log'
import type { Metrics } from '@tidemark/runtime'
import type { SourceLag } from './source-lag.ts'
import { taskPhases, type TaskView } from './task-board.ts'

/** Counts what a task tells. */
export const countTask = (metrics: Metrics, event: EngineEvent): void => {
  const { processor } = event
  switch (event.kind) {
    case 'restored':
      metrics.restoreSeconds.observe({ processor }, event.tookMs / 1000)
      return
    case 'polled':
      for (const { topic, partition, fromOffset, nextOffset } of event.arrived)
        metrics.records.inc({ processor, topic, partition }, nextOffset - fromOffset)
      return
    case 'committed':
      metrics.commits.inc({ processor })
      metrics.commitSeconds.observe({ processor }, event.tookMs / 1000)
      metrics.outputs.inc({ processor }, event.outputs)
      return
    case 'failed':
      if (event.error instanceof FencedError) metrics.fenced.inc({ processor })
      return
    default:
  }
}

/** Brings what is measured rather than counted up to date, before it is shown. */
export const measureTasks = (
  metrics: Metrics,
  tasks: readonly TaskView[],
  lags: readonly (SourceLag & { readonly processor: string })[],
): void => {
  metrics.tasks.reset()
  metrics.events.reset()
  metrics.openEvents.reset()
  metrics.lostRecords.reset()
  for (const { processor, state, checkpoint } of tasks) {
    for (const phase of taskPhases)
      metrics.tasks.inc({ processor, state: phase }, phase === state ? 1 : 0)
    if (processor === 'aggregator' && checkpoint !== null) measureLedger(metrics, checkpoint)
  }
  metrics.lagRecords.reset()
  metrics.lagSeconds.reset()
  for (const { processor, topic, partition, records, streamMs } of lags) {
    metrics.lagRecords.set({ processor, topic, partition }, records)
    metrics.lagSeconds.set({ processor, topic, partition }, streamMs / 1000)
  }
}

/** The ledger counts since the beginning of the partition, so it is told as it stands. */
const measureLedger = (metrics: Metrics, checkpoint: NonNullable<TaskView['checkpoint']>): void => {
  for (const { topic, partition, ledger, open } of ledgerOf(checkpoint)) {
    const count = (outcome: string, reason: string, events: number): void => {
      metrics.events.inc({ topic, partition, outcome, reason }, events)
    }
    count('aggregated', '', ledger.aggregated)
    count('late', '', ledger.late)
    count('duplicate', '', ledger.duplicate)
    for (const { reason, events } of ledger.rejected) count('rejected', reason, events)
    metrics.openEvents.set({ topic, partition }, open)
    metrics.lostRecords.inc({ topic, partition }, ledger.lost)
  }
}
