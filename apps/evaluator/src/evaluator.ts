import { derivedReader, type App } from '@tidemark/assembly'
import { partitionOfService } from '@tidemark/codec'
import { evaluatorFold } from '@tidemark/evaluation'

/** Judges the windows of the aggregates: health, alerts, fleet slices. */
export const evaluator: App = {
  name: 'evaluator',
  open: ({ layout, catalog }) =>
    Promise.resolve({
      processor: {
        name: 'evaluator',
        topics: ['aggregates'],
        tasks: layout.partitions,
        ticks: [],
        open: (task, checkpoint) =>
          evaluatorFold(
            {
              layout,
              partition: task,
              partitionOf: (service) => partitionOfService(service, layout.partitions).partition,
              reader: derivedReader(),
              ...(catalog !== undefined && { catalog }),
            },
            checkpoint,
          ),
      },
      close: () => Promise.resolve(),
    }),
}
