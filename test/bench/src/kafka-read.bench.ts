import { startBroker } from '@tidemark/broker'
import { openKafkaLog } from '@tidemark/log-kafka'
import { defaultLayout, type Offset } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import kafkajs from 'kafkajs'

// Publishes records of 60 bytes to two partitions, then reads them by a task's polls, walking every record in place, and by kafkajs's own
// `eachBatch`. Prints one line of JSON per reader: records a second, CPU seconds, largest resident size. BENCH_RECORDS: how many.

const records = Number(process.env.BENCH_RECORDS ?? 2_000_000)
const partitions = 2
const perAppend = 12_000

const broker = await startBroker()
const prefix = `bench-${Date.now()}.`
const log = await openKafkaLog({ brokers: broker.brokers, prefix })
const layout = { ...defaultLayout, prefix, partitions }
await log.provision(layout, { key: Buffer.from('layout'), value: Buffer.from('bench') })

const line = (reader: string, count: number, startMs: number, cpu: NodeJS.CpuUsage): void => {
  const seconds = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    JSON.stringify({
      reader,
      records: count,
      recordsPerSecond: Math.round(count / seconds),
      cpuSeconds: Math.round((user + system) / 10_000) / 100,
      rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
    }),
  )
}

const publish = async (): Promise<void> => {
  const publisher = await log.publisher()
  const entries = Array.from({ length: perAppend }, () => ({
    key: null,
    value: new Uint8Array(60),
  }))
  const startMs = performance.now()
  const cpu = process.cpuUsage()
  for (let written = 0; written < records; written += perAppend * partitions)
    await Promise.all(
      Array.from({ length: partitions }, (_, p) => publisher.append('requests', p, entries)),
    )
  line('publish', records, startMs, cpu)
  await publisher.close()
}

const readByPolls = async (): Promise<number> => {
  const stop = new AbortController()
  let seen = 0
  const readers = Array.from({ length: partitions }, () => recordCursor())
  const ends = (await log.bounds('requests')).map(({ endOffset }) => endOffset)
  const total = ends.reduce((sum, end) => sum + end, 0)
  let startMs = performance.now()
  let cpu = process.cpuUsage()
  await log.host(
    { processor: 'bench', topics: ['requests'], tasks: partitions },
    async ({ task, poll }, signal) => {
      if (seen === 0) {
        startMs = performance.now()
        cpu = process.cpuUsage()
      }
      const cursor = readers[task]!
      let position = 0 as Offset
      while (!signal.aborted && position < ends[task]!)
        for (const batches of await poll([{ topic: 'requests', partition: task, position }], {
          maxWaitMs: 500,
        })) {
          cursor.open(batches)
          while (cursor.next()) seen++
          position = batches.nextOffset
        }
      if (seen >= total) stop.abort()
    },
    stop.signal,
  )
  line('polls of tasks', seen, startMs, cpu)
  return seen
}

const readByKafkajs = async (total: number): Promise<void> => {
  const client = new kafkajs.Kafka({
    brokers: [...broker.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const consumer = client.consumer({ groupId: `${prefix}eachBatch` })
  await consumer.connect()
  await consumer.subscribe({ topic: `${prefix}requests`, fromBeginning: true })
  let seen = 0
  let startMs = 0
  let cpu = process.cpuUsage()
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          if (seen === 0) {
            startMs = performance.now()
            cpu = process.cpuUsage()
          }
          seen += batch.messages.length
          if (seen >= total) resolve()
        },
      })
      .catch(reject)
  })
  line("kafkajs's eachBatch", seen, startMs, cpu)
  await consumer.disconnect()
}

await publish()
const total = await readByPolls()
await readByPolls()
await readByKafkajs(total)
await log.close()
broker.stop()
