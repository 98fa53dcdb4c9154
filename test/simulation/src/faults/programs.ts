import { aggregatorFold } from '@tidemark/aggregation'
import { derivedReader } from '@tidemark/assembly'
import { encodeOutput, inputSchemas, partitionOfService, tick } from '@tidemark/codec'
import type { EngineClock, EngineOptions } from '@tidemark/engine'
import { evaluatorFold, reporterFold, type ConfigurationCatalog } from '@tidemark/evaluation'
import type { Reached } from '@tidemark/log'
import { inputTopics, type Processor } from '@tidemark/model'
import { sinkFold, sinkTopics } from '@tidemark/sink'
import { openStore, type Sql } from '@tidemark/store'
import type { Chronicle } from './chronicle.ts'
import type { Process } from './client/process.ts'
import type { Plan } from './plan.ts'
import type { Sabotage } from './sabotage.ts'

export const processorNames = ['aggregator', 'evaluator', 'reporter', 'sink'] as const
export type SimulatedProcessor = (typeof processorNames)[number]

/** What runs in production, with settings that it does not offer there. */
export const processorOf = async (
  name: SimulatedProcessor,
  plan: Plan,
  connect: () => Sql,
  reached: Reached,
  catalog: ConfigurationCatalog,
): Promise<Processor> => {
  const { layout, snapshotEveryWindows } = plan
  const { partitions } = layout
  switch (name) {
    case 'aggregator':
      return {
        ...{ name, topics: inputTopics, tasks: partitions, ticks: inputTopics },
        open: (task, checkpoint) =>
          aggregatorFold({ layout, partition: task, schemas: inputSchemas, checkpoint }),
      }
    case 'evaluator':
      return {
        ...{ name, topics: ['aggregates'], tasks: partitions, ticks: [] },
        open: (task, checkpoint) =>
          evaluatorFold(
            {
              ...{
                layout,
                partition: task,
                reader: derivedReader(),
                snapshotEveryWindows,
                catalog,
              },
              partitionOf: (service) => partitionOfService(service, partitions).partition,
            },
            checkpoint,
          ),
      }
    case 'reporter':
      return {
        ...{ name, topics: ['fleet'], tasks: 1, ticks: [] },
        open: (_task, checkpoint) => reporterFold({ layout, reader: derivedReader() }, checkpoint),
      }
    case 'sink': {
      const store = await openStore(connect())
      return {
        ...{ name, topics: sinkTopics, tasks: partitions, ticks: [] },
        open: (task) => sinkFold(task, store, null, reached),
      }
    }
  }
}

export const engineOptions = (
  plan: Plan,
  process: Process,
  reached: Reached,
  sabotage: Sabotage,
  chronicle: Chronicle,
): EngineOptions => ({
  encode: sabotage.encode?.(encodeOutput) ?? encodeOutput,
  partitions: plan.layout.partitions,
  clock: clockOf(process, plan.workMs),
  ticks: { value: tick, intervalMs: plan.layout.tickIntervalMs },
  commitIntervalMs: plan.commitIntervalMs,
  pendingOutputsMax: plan.pendingOutputsMax,
  reached,
  observe: ({ kind }) => {
    if (kind === 'waiting') chronicle.sight('configuration-awaited')
  },
})

/** Simulated time stands still while code runs; here work may take some, so that slices end and commits fall due in the middle. */
const clockOf = (process: Process, workMs: number): EngineClock => {
  let nowMs = process.nowMs()
  return {
    nowMs: () => {
      nowMs = Math.max(nowMs + workMs, process.nowMs())
      return nowMs
    },
    breathe: () => process.sleep(nowMs - process.nowMs()),
    sleep: process.sleep,
  }
}
