import { aggregator } from '@tidemark/aggregator'
import { runInMemory, type InMemoryEntry, type Schedule } from '@tidemark/assembly'
import type { ReadableLog } from '@tidemark/cli'
import { catalogOf } from '@tidemark/evaluation'
import { evaluator } from '@tidemark/evaluator'
import type { Layout } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'
import { readableTopics } from './derived-events.ts'

/** What the processors make of inputs, in memory. */
export const derive = async (
  layout: Layout,
  inputs: readonly InMemoryEntry[],
  schedule?: Schedule,
  catalog = catalogOf([]),
): Promise<ReadableLog> => {
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
