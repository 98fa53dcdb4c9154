import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { measured } from '../harness/measured.ts'

// Reads the bytes of all requests of an embedded log by SQLite alone, a row at a time, and does nothing with them. What a replay takes above
// this is checking, copying and folding. Arguments: folder, events in it.

const [folder, events] = [process.argv[2]!, Number(process.argv[3])]

const database = new DatabaseSync(join(folder, 'log.sqlite'), { readOnly: true })
const rows = database.prepare(
  `select bytes from batch
   where partition_id in (select partition_id from partition_state where topic = 'requests')
   order by partition_id, base_offset`,
)
let bytes = 0
const took = await measured(() => {
  for (const row of rows.iterate()) bytes += (row.bytes as Uint8Array).length
})
if (!(bytes > events)) throw new Error(`${bytes} bytes of ${events} events`)
console.log(JSON.stringify({ events, ...took, bytes }))
