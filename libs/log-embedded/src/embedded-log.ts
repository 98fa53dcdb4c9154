import type { HostSpec, Log, LogPublisher, RunTask } from '@tidemark/log'
import type { RecordBatches } from '@tidemark/model'
import { taskState } from './checkpoints.ts'
import { describeTopics, topicBounds } from './describe.ts'
import { hostTasks } from './host.ts'
import { importBatches } from './import-batches.ts'
import { taskOwners } from './membership.ts'
import { maintain, maintainWhenDue, requireRoom, type Maintained } from './maintenance.ts'
import type { EmbeddedLogOptions } from './options.ts'
import { thisProcess } from './process-identity.ts'
import { firstCatalogRecord, provisionTopics } from './provision.ts'
import { appender, openPublisher } from './publisher.ts'
import { readBatches, readBytesDefault } from './read-batches.ts'
import { readOrWait } from './read-or-wait.ts'
import { openStore, type Store } from './store.ts'
import { partitionName } from './watch.ts'

export type EmbeddedLog = Log & {
  readonly kind: 'embedded'
  /** One pass of retention and compaction. Done by itself once a minute while tasks are hosted. */
  readonly maintain: () => Promise<Maintained>
  /**
   * Takes batches of another log over as they are, offsets and timestamps included, into an input topic; what walkers skip is left out,
   * and its offsets become gaps. For replays.
   */
  readonly importBatches: (batches: RecordBatches) => Promise<void>
}

/** The log in a SQLite file. Several processes may use it at once, and it survives the end of any of them at any moment. */
export const openEmbeddedLog = async (options: EmbeddedLogOptions): Promise<EmbeddedLog> => {
  const store = await openStore(options)
  const { database, topics, queue, watch, settings } = store
  const appends = appender(store)
  const closing = new AbortController()
  const hosting = new Set<Promise<void>>()
  const publishers = new Set<LogPublisher>()
  const beat = maintenanceBeat(store, hosting, closing.signal)

  const host = (spec: HostSpec, run: RunTask, signal: AbortSignal): Promise<void> => {
    const parts = { store, appends, process: thisProcess(), beat }
    const done = hostTasks(parts, spec, run, AbortSignal.any([signal, closing.signal]))
    keepUntilSettled(hosting, done)
    return done
  }

  return {
    kind: 'embedded',
    provision: (layout, record) =>
      queue.write(() => provisionTopics(database, layout, record, settings.clock())),
    layoutRecord: async () => database.snapshot(() => firstCatalogRecord(database)),
    describe: async () => describeTopics(store),
    // They were made in one transaction, and nobody but this log can change them.
    check: async () => undefined,
    publisher: async ({ timeoutMs = settings.timeoutMs } = {}) => {
      topics.all()
      const publisher = openPublisher(appends, timeoutMs, (bytes) => requireRoom(store, bytes))
      publishers.add(publisher)
      const close = async (): Promise<void> => {
        publishers.delete(publisher)
        await publisher.close()
      }
      return { append: publisher.append, close }
    },
    read: async (request) => {
      const { topic, partition, fromOffset, maxWaitMs = 0, signal } = request
      const { bytesMax = readBytesDefault } = request
      const waiting = { names: [partitionName(topic, partition)], maxWaitMs, signal }
      const read = () => readBatches(store, topic, partition, fromOffset, bytesMax)
      return readOrWait(store, waiting, read, ({ nextOffset }) => nextOffset > fromOffset)
    },
    bounds: async (topic) => topicBounds(store, topic),
    host,
    checkpoints: async (processor, tasks) =>
      database.snapshot(() =>
        Array.from({ length: tasks }, (_, task) => taskState(database, { processor, task })),
      ),
    owners: async (processor) =>
      taskOwners(database, processor, { process: thisProcess(), nowMs: settings.clock() }),
    maintain: () => maintain(store, closing.signal),
    importBatches: (batches) =>
      queue.write((changed) => {
        importBatches(store, batches)
        changed(partitionName(batches.topic, batches.partition))
      }),
    close: async () => {
      closing.abort()
      await Promise.all([...publishers].map((publisher) => publisher.close()))
      await Promise.all(hosting)
      await queue.idle()
      watch.close()
      database.close()
    },
  }
}

/** Lets maintenance run beside the tasks, one pass at a time. A pass that fails is tried again with the next beat. */
const maintenanceBeat = (
  store: Store,
  work: Set<Promise<void>>,
  signal: AbortSignal,
): (() => void) => {
  let isRunning = false
  let lookedMs = Number.NEGATIVE_INFINITY
  const pass = async (): Promise<void> => {
    try {
      await maintainWhenDue(store, signal)
    } catch (error) {
      store.settings.observe({ kind: 'trouble', what: 'maintenance', error })
    } finally {
      isRunning = false
    }
  }
  return () => {
    const nowMs = store.settings.monotonicMs()
    if (isRunning || nowMs - lookedMs < lookIntervalMs) return
    isRunning = true
    lookedMs = nowMs
    keepUntilSettled(work, pass())
  }
}

const lookIntervalMs = 10_000

const keepUntilSettled = (set: Set<Promise<void>>, work: Promise<void>): void => {
  const settled: Promise<void> = work.then(
    () => void set.delete(settled),
    () => void set.delete(settled),
  )
  set.add(settled)
}
