import kafkajs from 'kafkajs'
import { readingMeter, type Reading } from './reading-meter.ts'

// The peer: reads all records of `requests` by kafkajs's own `eachBatch` with its defaults, without committing, and counts the bytes of their
// values. Prints one line of JSON.

const { brokers, prefix, records, processor } = JSON.parse(process.argv[2]!) as Reading
const meter = readingMeter(records)
const client = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING })
const consumer = client.consumer({ groupId: `${prefix}${processor}` })
await consumer.connect()
await consumer.subscribe({ topic: `${prefix}requests`, fromBeginning: true })
const done = Promise.withResolvers<null>()
const run = {
  autoCommit: false,
  eachBatch: ({ batch: { messages } }: kafkajs.EachBatchPayload): Promise<void> => {
    meter.read(
      messages.length,
      messages.reduce((sum, { value }) => sum + value!.length, 0),
    )
    if (meter.isDone()) done.resolve(null)
    return Promise.resolve()
  },
}
consumer.run(run).catch(done.reject)
await done.promise
await consumer.disconnect()
console.log(JSON.stringify(meter.run()))
