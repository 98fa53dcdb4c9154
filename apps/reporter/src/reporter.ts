import { derivedReader, type App } from '@tidemark/assembly'

import { reporterFold } from '@tidemark/evaluation'

/** Joins the fleet slices of all partitions to platform reports. */
export const reporter: App = {
  name: 'reporter',
  open: ({ layout }) =>
    Promise.resolve({
      processor: {
        name: 'reporter',
        topics: ['fleet'],
        tasks: 1,
        ticks: [],
        open: (_task, checkpoint) => reporterFold({ layout, reader: derivedReader() }, checkpoint),
      },
      close: () => Promise.resolve(),
    }),
}
