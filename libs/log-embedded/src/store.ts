import { openDatabase, type Database } from './database.ts'
import { settingsOf, type EmbeddedLogOptions, type Settings } from './options.ts'
import { topicTable, type TopicTable } from './topic-table.ts'
import { watchOn, type Watch } from './watch.ts'
import { writeQueue, type WriteQueue } from './write-queue.ts'

/** An open log file, with what every part of the adapter works on. */
export type Store = {
  readonly settings: Settings
  readonly database: Database
  readonly topics: TopicTable
  readonly queue: WriteQueue
  readonly watch: Watch
}

export const openStore = async (options: EmbeddedLogOptions): Promise<Store> => {
  const settings = settingsOf(options)
  const database = await openDatabase(settings)
  const watch = watchOn(database)
  const queue = writeQueue(database, settings, watch.notify)
  return { settings, database, watch, queue, topics: topicTable(database) }
}
