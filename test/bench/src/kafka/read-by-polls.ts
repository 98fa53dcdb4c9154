import { openKafkaLog } from '@tidemark/log-kafka'
import type { Offset } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import { readingMeter, type Reading } from './reading-meter.ts'

// Reads all records of `requests` by a task's polls, in place, as a processor does, and counts the bytes of their values. Prints one line of JSON.

const { brokers, prefix, partitions, records, processor } = JSON.parse(process.argv[2]!) as Reading
const meter = readingMeter(records)
const log = await openKafkaLog({ brokers, prefix })
const stop = new AbortController()
await log.host(
  { processor, topics: ['requests'], tasks: partitions },
  async ({ task, poll }, signal) => {
    const cursor = recordCursor()
    let position = 0 as Offset
    const wants = () => [{ topic: 'requests', partition: task, position }] as const
    while (!signal.aborted && !meter.isDone())
      for (const batches of await poll(wants(), { maxWaitMs: 100 })) {
        let [count, bytes] = [0, 0]
        cursor.open(batches)
        while (cursor.next()) {
          count++
          bytes += cursor.valueEnd - cursor.valueStart
        }
        position = batches.nextOffset
        meter.read(count, bytes)
      }
    stop.abort()
  },
  stop.signal,
)
await log.close()
console.log(JSON.stringify(meter.run()))
