import type { App } from '@tidemark/assembly'
import { topicCatalogue, type Layout } from '@tidemark/model'
import { openSqlite, openStore } from '@tidemark/store'
import { sinkFold, sinkTopics, type Retention } from './sink-fold.ts'

/** Snapshots live as long as the inputs they can be checked against: for ever where producers stamp the records. */
const retentionOf = ({ timestamps }: Layout): Retention =>
  timestamps === 'producer' ? null : { us: topicCatalogue.requests.retentionMs * 1000 }

/** Writes windows, assessments, alerts, fleet slices and reports into the snapshot store. */
export const sink: App = {
  name: 'sink',
  open: async ({ layout, store: file, reached }) => {
    const store = await openStore(openSqlite(file))
    return {
      processor: {
        name: 'sink',
        topics: sinkTopics,
        tasks: layout.partitions,
        ticks: [],
        open: (task) => sinkFold(task, store, retentionOf(layout), reached),
      },
      close: () => store.close(),
    }
  },
}
