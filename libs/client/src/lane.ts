import { setTimeout } from 'node:timers/promises'
import { LogError, type Entry, type LogPublisher } from '@tidemark/log'
import { sendBytesMax, type InputTopic, type Offset } from '@tidemark/model'
import type { Published } from './publisher.ts'

/** The events of one partition. */
export type Lane = {
  readonly topic: InputTopic
  readonly partition: number
  readonly waiting: Waiting[]
  running: Promise<void> | null
  /** Settles when the event that was published last has. */
  newest: Promise<unknown>
}

export type Sending = {
  readonly sender: LogPublisher
  readonly lingerMs: number
  readonly retryMs: number
  readonly settled: (piece: readonly Waiting[]) => void
}

/** An event on its way. */
export type Waiting = {
  readonly entry: Entry
  readonly resolve: (published: Published) => void
  readonly reject: (error: unknown) => void
}

const retryPauseMs = 200
/** Entries of one send, beside the log's limit of bytes. */
const sendEntriesMax = 2000

/** Sends what waits in a lane, piece by piece, until nothing does. Never rejects: each event's promise tells how it ended. */
export const runLane = async (lane: Lane, sending: Sending): Promise<void> => {
  const { topic, partition, waiting } = lane
  await setTimeout(sending.lingerMs)
  while (waiting.length > 0) {
    const piece = waiting.splice(0, pieceLength(waiting))
    try {
      const { baseOffset } = await appendWithRetry(lane, sending, piece)
      for (const [i, { resolve }] of piece.entries())
        resolve({ topic, partition, offset: (baseOffset + i) as Offset })
    } catch (error) {
      for (const { reject } of piece) reject(error)
    }
    sending.settled(piece)
  }
  lane.running = null
}

/** As many events as fit one send; one that is large goes alone. */
const pieceLength = (waiting: readonly Waiting[]): number => {
  let bytes = 0
  let length = 0
  for (const next of waiting) {
    bytes += bytesOf([next])
    if (length > 0 && (bytes > sendBytesMax / 2 || length >= sendEntriesMax)) break
    length++
  }
  return length
}

/** The same entries again, ids included, so that a repeat is noticed as a duplicate. */
const appendWithRetry = async (
  { topic, partition }: Lane,
  { sender, retryMs }: Sending,
  piece: readonly Waiting[],
): ReturnType<LogPublisher['append']> => {
  const entries = piece.map(({ entry }) => entry)
  const endMs = performance.now() + retryMs
  for (;;) {
    try {
      return await sender.append(topic, partition, entries)
    } catch (error) {
      if (!(error instanceof LogError) || !error.retriable || performance.now() >= endMs)
        throw error
      await setTimeout(retryPauseMs)
    }
  }
}

/** Bytes of keys and values. */
export const bytesOf = (waiting: readonly Waiting[]): number =>
  waiting.reduce((sum, { entry }) => sum + entry.value.length + (entry.key?.length ?? 0), 0)
