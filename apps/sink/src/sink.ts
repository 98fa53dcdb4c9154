import { openStoreAt, requireStoreAddress, type App } from '@tidemark/assembly'
import { topicCatalogue, type Layout } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { sinkFold, sinkTopics, type Retention } from './sink-fold.ts'

/** Snapshots live as long as the inputs they can be checked against: for ever where producers stamp the records. */
const retentionOf = ({ timestamps }: Layout): Retention =>
  timestamps === 'producer' ? null : { us: topicCatalogue.requests.retentionMs * 1000 }

/** Writes windows, assessments, alerts, fleet slices and reports into the snapshot store. */
export const sink: App = {
  name: 'sink',
  open: async ({ layout, store: address, reached, startOf }) => {
    requireStoreAddress(address)
    const { store, close } = openedWhenNeeded(address)
    return {
      processor: {
        name: 'sink',
        topics: sinkTopics,
        tasks: layout.partitions,
        ticks: [],
        open: async (task) => sinkFold(task, await store(), retentionOf(layout), reached, startOf),
      },
      close,
    }
  },
}

/** A database that is down when a task begins is waited for like one that goes down later: the task fails and is taken up again. */
const openedWhenNeeded = (address: string) => {
  let opening: Promise<SnapshotStore> | null = null
  const store = async (): Promise<SnapshotStore> => {
    const mine = (opening ??= openStoreAt(address))
    try {
      return await mine
    } catch (error) {
      // Another task may have begun to open it again.
      if (opening === mine) opening = null
      throw error
    }
  }
  const close = async (): Promise<void> => {
    await (await opening)?.close()
  }
  return { store, close }
}
