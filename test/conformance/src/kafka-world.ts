import { openKafkaLog, type KafkaLogOptions } from '@tidemark/log-kafka'
import type { Log } from '@tidemark/log'
import { defaultLayout, type Layout, type Offset, type TopicName } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import kafkajs, { type Kafka } from 'kafkajs'

/** kafkajs as it is, to stand for somebody else's producer. */
export const plainClient = (brokers: readonly string[]): Kafka =>
  new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'somebody-else',
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 20, retries: 20 },
  })

let worlds = 0

/** Tests share a broker: each keeps to a prefix of its own. */
export const newPrefix = (): string =>
  `t${process.pid}-${Date.now().toString(36)}-${(worlds++).toString(36)}.`

export const layoutRecord = (layout: Layout) => ({
  key: Buffer.from('layout'),
  value: Buffer.from(JSON.stringify(layout)),
})

/** Logs, and what else a test opens, closed after it in the opposite order. */
export const openWorld = (brokers: () => readonly string[]) => {
  const closers: (() => Promise<void>)[] = []
  const open = async (prefix: string, options: Partial<KafkaLogOptions> = {}): Promise<Log> => {
    const log = await openKafkaLog({
      brokers: brokers(),
      prefix,
      sessionTimeoutMs: 6000,
      ...options,
    })
    closers.push(log.close)
    return log
  }
  return {
    open,
    /** A log of its own, provisioned with what is given of a layout. */
    provisioned: async (layout: Partial<Layout> = {}, options: Partial<KafkaLogOptions> = {}) => {
      const prefix = newPrefix()
      const log = await open(prefix, options)
      const whole = { ...defaultLayout, partitions: 2, ...layout, prefix }
      await log.provision(whole, layoutRecord(whole))
      return { log, prefix, layout: whole }
    },
    finally: (close: () => Promise<void>) => void closers.push(close),
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close()
    },
  }
}

export type ReadRecord = {
  readonly offset: number
  readonly timestampMs: number
  readonly key: string | null
  readonly value: string
}

/** All records of a partition from a position on, by as many reads as `bytesMax` makes of them. */
export const readAll = async (
  log: Log,
  topic: TopicName,
  partition: number,
  { fromOffset = 0, bytesMax = 1_000_000 } = {},
): Promise<readonly ReadRecord[]> => {
  const records: ReadRecord[] = []
  const cursor = recordCursor()
  let position = fromOffset as Offset
  for (;;) {
    const batches = await log.read({ topic, partition, fromOffset: position, bytesMax })
    cursor.open(batches)
    while (cursor.next()) {
      const { bytes, keyStart, keyEnd, valueStart, valueEnd, offset, timestampMs } = cursor
      records.push({
        offset,
        timestampMs,
        key: keyEnd === -1 ? null : Buffer.from(bytes.subarray(keyStart, keyEnd)).toString(),
        value: Buffer.from(bytes.subarray(valueStart, valueEnd)).toString(),
      })
    }
    position = batches.nextOffset
    if (position >= batches.endOffset) return records
  }
}

/** Makes the members of a group leave, as an administrator does. */
export const putOut = async (brokers: readonly string[], groupId: string): Promise<void> => {
  const client = plainClient(brokers)
  const admin = client.admin()
  await admin.connect()
  const { groups } = await admin.describeGroups([groupId])
  await admin.disconnect()
  const cluster = clusterOf(client)
  await cluster.connect()
  await cluster.refreshMetadata()
  const coordinator = await cluster.findGroupCoordinator({ groupId })
  for (const { memberId } of groups[0]!.members) await coordinator.leaveGroup({ groupId, memberId })
  await cluster.disconnect()
}

type PlainCluster = {
  readonly connect: () => Promise<void>
  readonly refreshMetadata: () => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly findGroupCoordinator: (group: { groupId: string }) => Promise<{
    readonly leaveGroup: (member: { groupId: string; memberId: string }) => Promise<void>
  }>
}

const clusterOf = (client: ReturnType<typeof plainClient>): PlainCluster => {
  let found: unknown
  client.consumer({
    groupId: 'none',
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster
        return {
          name: 'none',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  return found as PlainCluster
}
