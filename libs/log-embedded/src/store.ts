import type { Database } from './database.ts'
import type { Settings } from './options.ts'
import type { TopicTable } from './topic-table.ts'
import type { Watch } from './watch.ts'
import type { WriteQueue } from './write-queue.ts'

/** An open log file, with what every part of the adapter works on. */
export type Store = {
  readonly settings: Settings
  readonly database: Database
  readonly topics: TopicTable
  readonly queue: WriteQueue
  readonly watch: Watch
}
