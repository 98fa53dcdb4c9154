import { aggregatorFold } from '@tidemark/aggregation'
import type { App } from '@tidemark/assembly'
import { inputSchemas } from '@tidemark/codec'
import { inputTopics } from '@tidemark/model'

/** Folds requests, health checks and facts into windows, and ticks quiet partitions. */
export const aggregator: App = {
  name: 'aggregator',
  open: ({ layout }) =>
    Promise.resolve({
      processor: {
        name: 'aggregator',
        topics: inputTopics,
        tasks: layout.partitions,
        ticks: inputTopics,
        open: (task, checkpoint) =>
          aggregatorFold({ layout, partition: task, schemas: inputSchemas, checkpoint }),
      },
      close: () => Promise.resolve(),
    }),
}
