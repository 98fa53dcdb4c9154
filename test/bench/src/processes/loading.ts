import { setTimeout } from 'node:timers/promises'
import { connect, type Address } from '@tidemark/assembly'
import { encode, partitionOfService } from '@tidemark/codec'
import type { Entry } from '@tidemark/log'
import { writeRecordBatch } from '@tidemark/wire'
import { isFailing, type Faults } from '../faults.ts'
import { measured } from '../harness/measured.ts'
import { latencyUs, randomOf, uuid } from '../harness/random.ts'
import { openRawConnection } from '../kafka/raw-connection.ts'
import { produceBody, requireStored } from '../kafka/requests-topic.ts'

// Appends single requests to a log at an even rate, of all services in turn, each failing now and then. An argument of JSON says how. A client that
// keeps a promise for each event would be the limit: here one append takes what has become due of a partition.

/** `rate`: events per second; 0: as fast as the log takes them. */
export type Loading = {
  readonly address: Address
  readonly partitions: number
  readonly rate: number
  readonly seconds: number
  readonly seed: number
  readonly faults: Faults
}

const { address, partitions, rate, seconds, seed, faults } = JSON.parse(process.argv[2]!) as Loading

/** Pauses between two goes. */
const goMs = 10
/** Of one append. */
const entriesMax = 4000
const fullSpeedEntries = 8000

type Appending = {
  readonly append: (partition: number, entries: readonly Entry[]) => Promise<unknown>
  readonly close: () => Promise<void>
}

const intoFolder = async (): Promise<Appending> => {
  const { log } = await connect(address, null)
  const publisher = await log.publisher()
  const close = async (): Promise<void> => {
    await publisher.close()
    await log.close()
  }
  return { append: (partition, entries) => publisher.append('requests', partition, entries), close }
}

/** Without a client, which would make an object of each record; the one broker leads all partitions. */
const intoKafka = async (broker: string, prefix: string): Promise<Appending> => {
  const connection = await openRawConnection(broker)
  return {
    append: async (partition, entries) => {
      const timestampMs = Date.now()
      const bytes = writeRecordBatch(
        entries.map((entry) => ({ ...entry, timestampMs })),
        0,
      )
      const body = produceBody(`${prefix}requests`, [{ partition, batch: { bytes } }])
      requireStored(await connection.ask(0, 7, body))
    },
    close: async () => connection.close(),
  }
}

/** An event that is encoded once; what tells one from another is written over it: half of its id, and its time. */
type Template = {
  readonly key: Uint8Array
  readonly partition: number
  readonly value: Buffer
  readonly idAt: number
  readonly timeAt: number
}

const random = randomOf(seed)
const startMs = Date.now()
const timeBytes = 8

/** Zigzag in groups of seven bits: of any time of these centuries eight bytes. */
const putTime = (bytes: Buffer, at: number, atMs: number): void => {
  let rest = 2000 * atMs
  for (let i = 0; i < timeBytes; i++) {
    bytes[at + i] = (rest % 128) | (i < timeBytes - 1 ? 128 : 0)
    rest = Math.floor(rest / 128)
  }
}

const templateOf = (service: string, isBad: boolean): Template => {
  const id = uuid(random)
  const value = encode({
    ...{ type: 'RequestObserved', id, service, operation: 'GET /cart', atUs: startMs * 1000 },
    ...{ latencyUs: latencyUs(random), status: isBad ? 500 : 200, success: !isBad },
  })
  const bytes = Buffer.from(value)
  const time = Buffer.alloc(timeBytes)
  putTime(time, 0, startMs)
  const idAt = bytes.indexOf(Buffer.from(id.replaceAll('-', ''), 'hex'))
  const timeAt = bytes.indexOf(time)
  if (idAt < 0 || timeAt < 0) throw new Error(`${service}: an event without its id or time`)
  return { ...partitionOfService(service, partitions), value: bytes, idAt, timeAt }
}

/** Latencies differ from template to template. */
const templatesOf = (isBad: boolean): readonly (readonly Template[])[] =>
  Array.from({ length: faults.services }, (_, service) =>
    Array.from({ length: 50 }, () => templateOf(`service-${service}`, isBad)),
  )
const good = templatesOf(false)
const bad = templatesOf(true)
let events = 0

const nextEntry = (atMs: number): { readonly partition: number; readonly entry: Entry } => {
  const number = events++
  const service = number % faults.services
  const of = (isFailing(faults, service, atMs) ? bad : good)[service]!
  const { key, partition, value, idAt, timeAt } =
    of[Math.floor(number / faults.services) % of.length]!
  const bytes = Buffer.from(value)
  bytes.writeUInt32BE(number, idAt)
  bytes.writeUInt32BE(seed, idAt + 4)
  putTime(bytes, timeAt, atMs)
  return { partition, entry: { key, value: bytes } }
}

const log = await (address.kind === 'embedded'
  ? intoFolder()
  : intoKafka(address.brokers[0]!, address.prefix))

/** So many events, and the next go only when they are durable. */
const go = async (count: number): Promise<void> => {
  const atMs = Date.now()
  const due = Array.from({ length: partitions }, (): Entry[] => [])
  for (let i = 0; i < count; i++) {
    const { partition, entry } = nextEntry(atMs)
    due[partition]!.push(entry)
  }
  await Promise.all(
    due.map(async (entries, partition) => {
      for (let from = 0; from < entries.length; from += entriesMax)
        await log.append(partition, entries.slice(from, from + entriesMax))
    }),
  )
}

const took = await measured(async () => {
  const fromMs = performance.now()
  const passedMs = (): number => performance.now() - fromMs
  while (passedMs() < seconds * 1000) {
    const due = rate === 0 ? fullSpeedEntries : Math.floor((passedMs() * rate) / 1000) - events
    await go(due)
    if (rate !== 0) await setTimeout(goMs)
  }
})
await log.close()
process.stdout.write(`${JSON.stringify({ events, ...took })}\n`)
