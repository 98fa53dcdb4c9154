import {
  LayoutMismatchError,
  NotProvisionedError,
  type Log,
  type TopicDescription,
} from '@tidemark/log'
import {
  partitionsOf,
  topicCatalogue,
  topicNames,
  type EpochMs,
  type Layout,
  type RecordBatches,
  type TopicName,
} from '@tidemark/model'
import { batchHeaderAt, controlBit } from '@tidemark/wire'
import { taskStateOf } from './checkpoints.ts'
import { openDatabase, type Database } from './database.ts'
import { hostTasks } from './host.ts'
import { thisProcess } from './ownership.ts'
import { appendEntries, boundsOf, endsOf, readBatches } from './partitions.ts'
import { appendingTo, publisherOn } from './publisher.ts'
import { maintain, sizeOf } from './retention.ts'
import { waitingOn } from './waiting.ts'

export type EmbeddedLogOptions = {
  /** Holds `log.sqlite`; made when it is not there. */
  readonly folder: string
  /** Wall clock that stamps records. Default: the machine's. */
  readonly nowMs?: () => number
  /** Size of the file above which the oldest records go, and, where none may, publishing is refused. Default: none. */
  readonly bytesMax?: number
}

export type EmbeddedLog = Log & {
  readonly kind: 'embedded'
  /** One pass of retention and compaction; otherwise done by itself once a minute while tasks run. */
  readonly maintain: () => void
  /**
   * Takes over whole batches from another log as they are, offsets and timestamps included: for a replay of its inputs. What walkers skip
   * (control batches, aborted ones) is left out; its offsets become gaps.
   */
  readonly importBatches: (batches: RecordBatches) => void
}

const readBytesDefault = 1_000_000
const maintainEveryMs = 60_000

/** The log in a SQLite file. Several processes may use it at once; it survives a kill at any moment. */
export const openEmbeddedLog = (options: EmbeddedLogOptions): Promise<EmbeddedLog> => {
  const { folder, nowMs = Date.now, bytesMax = null } = options
  const database = openDatabase(folder)
  const waiting = waitingOn(database.version)
  const runMaintenance = (): void => {
    maintain(database, nowMs(), bytesMax)
  }
  let maintainedMs = performance.now()
  const appending = appendingTo(database, {
    nowMs,
    timestamps: () => timestampsOf(database),
    hasRoom: () => {
      if (bytesMax === null || sizeOf(database) <= bytesMax) return true
      runMaintenance()
      return sizeOf(database) <= bytesMax
    },
    appended: waiting.wake,
  })
  const committed = (): void => {
    if (performance.now() - maintainedMs < maintainEveryMs) return
    maintainedMs = performance.now()
    runMaintenance()
  }
  const parts = { database, waiting, appending, nowMs, committed, owner: thisProcess() }
  return Promise.resolve({
    kind: 'embedded',
    provision: (layout, record) => settled(() => provision(database, layout, record, nowMs())),
    layoutRecord: () => settled(() => layoutRecordOf(database)),
    describe: () => settled(() => describe(database)),
    publisher: () => Promise.resolve(publisherOn(appending)),
    read: async ({
      topic,
      partition,
      fromOffset,
      bytesMax: most = readBytesDefault,
      maxWaitMs = 0,
      signal,
    }) => {
      const endMs = performance.now() + maxWaitMs
      for (;;) {
        const batches = readBatches(database, topic, partition, fromOffset, most)
        const leftMs = endMs - performance.now()
        if (batches.nextOffset > fromOffset || leftMs <= 0 || signal?.aborted === true)
          return batches
        await waiting.wait([`${topic}/${partition}`], leftMs, signal)
      }
    },
    bounds: (topic) => settled(() => boundsOf(database, topic)),
    host: (spec, run, signal) => hostTasks(parts, spec, run, signal),
    checkpoints: (processor, tasks) =>
      settled(() =>
        Array.from({ length: tasks }, (_, task) => taskStateOf(database, processor, task)),
      ),
    close: async () => {
      await appending.idle()
      waiting.close()
      database.close()
    },
    maintain: runMaintenance,
    importBatches: (batches) => {
      importBatches(database, batches)
      waiting.wake([`${batches.topic}/${batches.partition}`])
    },
  })
}

/** SQLite answers at once or throws; the port promises. */
const settled = <T>(call: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(call())
  })

const timestampsOf = (database: Database): 'broker' | 'producer' => {
  const row = database.first(`select timestamps from topic where topic = 'requests'`)
  if (row === undefined) throw new NotProvisionedError(`${database.file}: nothing is provisioned`)
  return row.timestamps === 'producer' ? 'producer' : 'broker'
}

const layoutRecordOf = (database: Database): Uint8Array | null => {
  const row = database.first('select record from layout')
  return row === undefined ? null : (row.record as Uint8Array)
}

const provision = (
  database: Database,
  layout: Layout,
  record: { readonly key: Uint8Array; readonly value: Uint8Array },
  nowMs: number,
): 'created' | 'unchanged' =>
  database.transaction(() => {
    const known = layoutRecordOf(database)
    if (known !== null) {
      if (Buffer.compare(known, record.value) === 0) return 'unchanged'
      throw new LayoutMismatchError(
        `${database.file}: provisioned with another layout, which cannot change while data flows. Use a new folder and replay the inputs into it.`,
      )
    }
    database.run('insert into layout (prefix, record) values (?, ?)', layout.prefix, record.value)
    for (const topic of topicNames) createTopic(database, topic, layout)
    appendEntries(database, 'catalog', 0, [{ ...record, timestampMs: nowMs }], nowMs)
    return 'created'
  })

const createTopic = (database: Database, topic: TopicName, layout: Layout): void => {
  const { cleanup, retentionMs, stamped } = topicCatalogue[topic]
  const byProducer = stamped === 'layout' && layout.timestamps === 'producer'
  const partitions = partitionsOf(topic, layout.partitions)
  database.run(
    'insert into topic (topic, partitions, timestamps, cleanup, retention_ms) values (?, ?, ?, ?, ?)',
    ...[topic, partitions, byProducer ? 'producer' : 'broker', cleanup],
    // The age of a producer's timestamp is that of the past it tells of.
    byProducer ? -1 : retentionMs,
  )
  for (let partition = 0; partition < partitions; partition++)
    database.run(
      'insert into partition_end (topic, partition, start_offset, end_offset, last_timestamp_ms) values (?, ?, 0, 0, null)',
      ...[topic, partition],
    )
}

const describe = (database: Database): readonly TopicDescription[] => {
  const prefix = String(database.first('select prefix from layout')?.prefix ?? '')
  return database.all('select * from topic').map((row) => ({
    topic: String(row.topic) as TopicName,
    name: `${prefix}${String(row.topic)}`,
    partitions: Number(row.partitions),
    timestamps: row.timestamps === 'producer' ? 'producer' : 'broker',
    cleanup: row.cleanup === 'compact' ? 'compact' : 'delete',
    retentionMs: Number(row.retention_ms),
    bounds: boundsOf(database, String(row.topic) as TopicName),
  }))
}

const importBatches = (
  database: Database,
  { topic, partition, bytes, nextOffset }: RecordBatches,
): void => {
  database.transaction(() => {
    const { startOffset, endOffset } = endsOf(database, topic, partition)
    let start = startOffset === endOffset ? null : startOffset
    let lastMs: EpochMs | number | null = null
    for (let at = 0; at < bytes.length;) {
      const header = batchHeaderAt(bytes, at)
      if (header.lastOffset >= endOffset && (header.attributes & controlBit) === 0) {
        start ??= header.baseOffset
        lastMs = header.maxTimestampMs
        database.run(
          'insert into batch (topic, partition, last_offset, base_offset, last_timestamp_ms, bytes) values (?, ?, ?, ?, ?, ?)',
          ...[topic, partition, header.lastOffset, header.baseOffset, header.maxTimestampMs],
          bytes.slice(at, at + header.bytes),
        )
      }
      at += header.bytes
    }
    database.run(
      'update partition_end set start_offset = ?, end_offset = ?, last_timestamp_ms = coalesce(?, last_timestamp_ms) where topic = ? and partition = ?',
      ...[start ?? nextOffset, Math.max(endOffset, nextOffset), lastMs, topic, partition],
    )
  })
}
