import {
  NotProvisionedError,
  UnavailableError,
  type ReadRequest,
  type TaskState,
} from '@tidemark/log'
import type { Offset, ProcessorName, RecordBatches } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import { readTaskRecords } from './checkpoint-reader.ts'
import { writtenEnds, type Connection } from './connection.ts'
import type { Fetcher } from './fetcher.ts'
import type { Settings } from './options.ts'

/** For reading outside of tasks. */
export type Reading = {
  readonly settings: Settings
  readonly connection: Connection
  readonly fetcher: Fetcher
}

const readBytesMax = 1024 * 1024

export const readPartition = async (
  { fetcher, settings }: Reading,
  { topic, partition, fromOffset, bytesMax = readBytesMax, maxWaitMs = 0, signal }: ReadRequest,
): Promise<RecordBatches> => {
  const reader = fetcher.reader({ ahead: false })
  try {
    const [batches] = await reader.poll([{ topic, partition, position: fromOffset }], {
      maxWaitMs,
      bytesMax,
      answerWaitMs: settings.timeoutMs,
      signal,
    })
    if (batches !== undefined) return batches
    const endOffset =
      reader.endOffset(topic, partition) ?? (signal?.aborted === true ? fromOffset : null)
    if (endOffset === null)
      throw new UnavailableError(`${topic}/${partition}: no answer within ${settings.timeoutMs} ms`)
    return {
      topic,
      partition,
      bytes: new Uint8Array(0),
      fromOffset,
      nextOffset: fromOffset,
      endOffset,
    }
  } finally {
    reader.close()
  }
}

/** The value of the first record of `catalog`; null when there is none, or no such topic. */
export const firstCatalogRecord = async (reading: Reading): Promise<Uint8Array | null> => {
  try {
    await reading.connection.requireTopics([`${reading.settings.prefix}catalog`])
  } catch (error) {
    if (error instanceof NotProvisionedError) return null
    throw error
  }
  const cursor = recordCursor()
  let fromOffset = 0 as Offset
  for (;;) {
    const batches = await readPartition(reading, { topic: 'catalog', partition: 0, fromOffset })
    cursor.open(batches)
    if (cursor.next() && cursor.valueEnd !== -1)
      return cursor.bytes.slice(cursor.valueStart, cursor.valueEnd)
    if (batches.nextOffset >= batches.endOffset) return null
    fromOffset = batches.nextOffset
  }
}

/** Partitions that are read at once: their answers are in memory together. */
const tasksAtOnce = 8

export const readCheckpoints = async (
  reading: Reading,
  processor: ProcessorName,
  tasks: number,
): Promise<readonly TaskState[]> => {
  const name = `${reading.settings.prefix}checkpoints`
  const states: TaskState[] = []
  for (let from = 0; from < tasks; from += tasksAtOnce) {
    const some = Array.from({ length: Math.min(tasksAtOnce, tasks - from) }, (_, i) => from + i)
    // Up to what is written, not only to what readers see: so that it holds every commit that was answered before.
    const ends = await writtenEnds(reading.connection, name, some)
    const read = some.map(async (task): Promise<TaskState> => {
      const end = ends.get(task)!
      const { stored, isTakenOver } = await readTaskRecords(reading, { processor, task }, end)
      return {
        task,
        checkpoint: stored?.checkpoint ?? null,
        positions: (stored?.positions ?? []).map(({ topic, partition, position }) => ({
          topic,
          partition,
          position,
        })),
        committedAtMs: stored?.committedAtMs ?? null,
        isTakenOver,
      }
    })
    states.push(...(await Promise.all(read)))
  }
  return states
}
