import { aggregator } from '@tidemark/aggregator'
import { runInMemory, type InMemoryEntry, type Schedule } from '@tidemark/assembly'
import type { ReadableLog } from '@tidemark/cli'
import { configurationRecords, layoutRecord } from '@tidemark/codec'
import { catalogOf } from '@tidemark/evaluation'
import { evaluator } from '@tidemark/evaluator'
import type { Configuration, Layout } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'
import { readableTopics } from './derived-events.ts'
import { changedConfigurations } from './mixed-facts.ts'

/** What the processors make of inputs, in memory. The catalog holds what mixed inputs put in force. */
export const derive = async (
  layout: Layout,
  given: readonly InMemoryEntry[],
  schedule?: Schedule,
): Promise<ReadableLog> => {
  const configurations = changedConfigurations(layout)
  const catalog = catalogOf(configurations)
  const inputs = [...given, ...catalogEntries(layout, configurations)]
  const apps = await Promise.all(
    [aggregator, evaluator, reporter].map((app) => app.open({ layout, store: '', catalog })),
  )
  const processors = apps.map(({ processor }) => processor)
  const topics = await runInMemory({
    ...{ layout, processors, inputs },
    ...(schedule !== undefined && { schedule }),
  })
  return readableTopics(topics, layout)
}

const catalogEntries = (
  layout: Layout,
  configurations: readonly Configuration[],
): readonly InMemoryEntry[] =>
  [layoutRecord(layout), ...configurations.flatMap(configurationRecords)].map((record) => ({
    ...{ topic: 'catalog', partition: 0, entry: { ...record, timestampMs: 0 } },
  }))
