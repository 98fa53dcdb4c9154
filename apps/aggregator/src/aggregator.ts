import { randomInt } from 'node:crypto'
import { aggregatorFold, wantedOf, type Gap } from '@tidemark/aggregation'
import type { App } from '@tidemark/assembly'
import { inputSchemas } from '@tidemark/codec'
import { inputTopics, type Checkpoint } from '@tidemark/model'

/** Drawn anew by each process; what comes out is the same with any. */
const hashSeed = randomInt(2 ** 32)

/** Folds requests, health checks and facts into windows, and ticks quiet partitions. */
export const aggregator: App = {
  name: 'aggregator',
  open: ({ layout, gaps = [] }) =>
    Promise.resolve({
      processor: {
        name: 'aggregator',
        topics: inputTopics,
        tasks: layout.partitions,
        ticks: inputTopics,
        open: (task, checkpoint) =>
          aggregatorFold({
            ...{ layout, partition: task, schemas: inputSchemas, checkpoint },
            gaps: gapsOf(task, checkpoint, gaps),
            hashSeed,
          }),
      },
      close: () => Promise.resolve(),
    }),
}

/** Those that this checkpoint's recovery would meet: somebody may have gone past the others since they were found. */
const gapsOf = (task: number, checkpoint: Checkpoint | null, gaps: readonly Gap[]) => {
  const wanted = wantedOf(checkpoint)
  return gaps.filter(
    ({ topic, partition, fromOffset }) =>
      partition === task && wanted.some((at) => at.topic === topic && at.from === fromOffset),
  )
}
