import { DatabaseSync } from 'node:sqlite'

/** Inserts the same bytes again and again into a table of its own, a transaction each: what the log's disk format costs by itself. */
export const bareInserts = (file: string) => {
  const database = new DatabaseSync(file)
  database.exec(`pragma page_size = 16384; pragma journal_mode = wal; pragma synchronous = full;
    create table batch (id integer primary key, bytes blob not null) strict`)
  const insert = database.prepare('insert into batch (bytes) values (?)')
  return {
    insert: (batch: Uint8Array, times: number): void => {
      for (let i = 0; i < times; i++) insert.run(batch)
    },
    close: () => {
      database.close()
    },
  }
}
