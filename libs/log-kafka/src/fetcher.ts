import { PositionError, UnavailableError } from '@tidemark/log'
import {
  invariant,
  unreachable,
  type Offset,
  type RecordBatches,
  type TopicName,
} from '@tidemark/model'
import type { Buffers } from './buffers.ts'
import type { CommittedView } from './committed-view.ts'
import { listOffsets, type Connection } from './connection.ts'
import { logErrorOf } from './failures.ts'
import { readFetchAnswer } from './fetch-answer.ts'
import { fetchCursor, place, seek, type FetchCursor } from './fetch-cursor.ts'
import { fetchOutcome, type FetchOutcome } from './fetch-outcome.ts'
import { waitForBatches, type PollOptions } from './fetch-poll.ts'
import {
  askedFor,
  leaderless,
  questionFor,
  survey,
  type Asked,
  type Reader,
} from './fetch-survey.ts'
import { fetchRaw } from './kafkajs-internals.ts'
import type { Settings } from './options.ts'
import { alarmClock, backoffMs, sleep, type AlarmClock } from './waiting.ts'

/**
 * Reads partitions for many readers. Each broker has at most one Fetch under way, and it asks for everything that the readers of its
 * partitions want next. After data was handed out its partition goes on being fetched, one section ahead, so that the broker
 * works while the reader does.
 */
export type Fetcher = {
  readonly reader: (options: { readonly ahead: boolean }) => FetchReader
  readonly close: () => void
}

export type FetchReader = {
  /** One at a time. Bytes that it hands out are good until the next one; those of a reader that does not fetch ahead, for ever. */
  readonly poll: (
    wants: readonly FetchWant[],
    options: PollOptions,
  ) => Promise<readonly RecordBatches[]>
  /** End of what is committed of a partition, as last answered; null before. */
  readonly endOffset: (topic: TopicName, partition: number) => Offset | null
  readonly close: () => void
}

export type FetchWant = {
  readonly topic: TopicName
  readonly partition: number
  readonly position: Offset
}

export type FetcherOptions = {
  /**
   * How long a broker may hold a question that has no answer yet. A want that comes up meanwhile waits that long at most. That is rare
   * where readers fetch ahead: what they want next is in the question already.
   */
  readonly longPollMs: number
}

/**
 * While data lies ready for a busy reader, its broker is asked for the others this often, without waiting: a long poll for them
 * would hold up the busy reader's next question.
 */
const glanceMs = 10

type Lane = { busy: boolean; askedAtMs: number; notBeforeMs: number; turn: number }

type Fetching = {
  readonly connection: Connection
  readonly settings: Settings
  readonly longPollMs: number
  readonly readers: Set<Reader>
  /** By node. */
  readonly lanes: Map<number, Lane>
  /** Topics that are in the metadata. */
  readonly known: Set<string>
  readonly alarm: AlarmClock
  refreshing: boolean
  closed: boolean
}

export const openFetcher = (
  connection: Connection,
  settings: Settings,
  { longPollMs }: FetcherOptions,
): Fetcher => {
  const fetching: Fetching = {
    connection,
    settings,
    longPollMs,
    readers: new Set(),
    lanes: new Map(),
    known: new Set(),
    alarm: alarmClock(settings.clock.monotonicMs, () => pump(fetching)),
    refreshing: false,
    closed: false,
  }
  return {
    reader: ({ ahead }) => newReader(fetching, ahead),
    close: () => {
      fetching.closed = true
      fetching.alarm.stop()
      for (const { waiting } of fetching.readers)
        waiting?.fail(new UnavailableError('the log was closed'))
    },
  }
}

const newReader = (fetching: Fetching, ahead: boolean): FetchReader => {
  const { readers, settings } = fetching
  const reader: Reader = { ahead, cursors: new Map(), waiting: null, handedOut: [] }
  readers.add(reader)
  return {
    poll: (wants, options) => poll(fetching, reader, wants, options),
    endOffset: (topic, partition) => {
      const cursor = reader.cursors.get(`${settings.prefix}${topic}/${partition}`)
      return cursor === undefined || cursor.endOffset === -1 ? null : (cursor.endOffset as Offset)
    },
    close: () => {
      readers.delete(reader)
      reader.waiting?.fail(new UnavailableError('the reader was closed'))
    },
  }
}

const poll = async (
  fetching: Fetching,
  reader: Reader,
  wants: readonly FetchWant[],
  options: PollOptions,
): Promise<readonly RecordBatches[]> => {
  const { connection, known, settings } = fetching
  invariant(reader.waiting === null, 'poll: one at a time')
  takeBack(fetching, reader)
  const names = new Set(wants.map(({ topic }) => settings.prefix + topic))
  const unknown = [...names].filter((name) => !known.has(name))
  if (unknown.length > 0) await connection.requireTopics(unknown)
  for (const name of unknown) known.add(name)
  if (fetching.closed) throw new UnavailableError('the log was closed')
  const cursors = wants.map((want) => cursorAt(reader, settings.prefix, want))
  const batches = waitForBatches(reader, cursors, options)
  pump(fetching)
  if (!reader.ahead) return batches
  reader.handedOut = await batches
  return reader.handedOut
}

/** The memory of what was handed out, where none of it still waits for the next poll. */
const takeBack = ({ settings }: Fetching, reader: Reader): void => {
  const buffers = new Set(reader.handedOut.map(({ bytes }) => bytes.buffer))
  for (const { ready } of reader.cursors.values())
    if (ready !== null) buffers.delete(ready.bytes.buffer)
  for (const buffer of buffers) settings.buffers.giveBack(buffer)
  reader.handedOut = []
}

const cursorAt = (reader: Reader, prefix: string, want: FetchWant): FetchCursor => {
  const name = prefix + want.topic
  const key = `${name}/${want.partition}`
  const cursor =
    reader.cursors.get(key) ?? fetchCursor(want.topic, name, want.partition, want.position)
  seek(cursor, want.position)
  reader.cursors.set(key, cursor)
  return cursor
}

/** Asks every broker that is not being asked for what the readers of its partitions want. */
const pump = (fetching: Fetching): void => {
  if (fetching.closed) return
  const { alarm, connection, lanes, longPollMs, readers, settings } = fetching
  const nowMs = settings.clock.monotonicMs()
  const { wanted, holding, laterMs } = survey(readers, connection.leaders(), nowMs)
  alarm.ring(laterMs)
  for (const [node, cursors] of wanted) {
    if (node === leaderless) {
      for (const cursor of cursors) again(fetching, cursor, new Error('it has no leader'))
      continue
    }
    const lane = laneOf(lanes, node)
    if (lane.busy) continue
    const isHolding = holding.has(node)
    const isGlance = isHolding && cursors.every(({ answered }) => answered)
    const atMs = Math.max(lane.notBeforeMs, isGlance ? lane.askedAtMs + glanceMs : 0)
    if (atMs > nowMs) alarm.ring(atMs)
    else void ask(fetching, node, cursors, isHolding ? 0 : longPollMs)
  }
}

const laneOf = (lanes: Map<number, Lane>, node: number): Lane => {
  const lane = lanes.get(node) ?? { busy: false, askedAtMs: 0, notBeforeMs: 0, turn: 0 }
  lanes.set(node, lane)
  return lane
}

const ask = async (
  fetching: Fetching,
  nodeId: number,
  cursors: readonly FetchCursor[],
  maxWaitMs: number,
): Promise<void> => {
  const { connection, settings } = fetching
  const lane = laneOf(fetching.lanes, nodeId)
  lane.busy = true
  lane.askedAtMs = settings.clock.monotonicMs()
  const asked = askedFor(cursors, lane.turn++)
  try {
    const broker = await connection.cluster.findBroker({ nodeId })
    const raw = await fetchRaw(broker, questionFor(asked.values(), maxWaitMs))
    try {
      const answer = readFetchAnswer(raw)
      if (answer.errorCode !== 0) throw new Error(`fetch: error code ${answer.errorCode}`)
      lane.notBeforeMs = settings.clock.monotonicMs() + answer.throttleMs
      for (const section of answer.sections) {
        const entry = asked.get(`${section.topic}/${section.partition}`)
        if (entry !== undefined) applyTo(fetching, entry, fetchOutcome(section, entry.position))
      }
    } finally {
      settings.buffers.giveBack(raw.buffer)
    }
  } catch (error) {
    if (fetching.closed) return
    connection.recover(error)
    for (const entry of asked.values())
      for (const cursor of entry.cursors) again(fetching, cursor, error)
  }
  lane.busy = false
  settle(fetching)
}

/**
 * An answer to an older question says nothing about where a reader stands now. What a cursor gets is its own: the answer, which holds
 * partitions that are read at different speeds, makes room for the next.
 */
const applyTo = (fetching: Fetching, { position, cursors }: Asked, outcome: FetchOutcome): void => {
  for (const cursor of cursors) {
    if (cursor.position !== position || cursor.ready !== null) continue
    switch (outcome.kind) {
      case 'data':
        place(cursor, copyOf(outcome.view, fetching.settings.buffers), outcome.endOffset)
        break
      case 'out-of-range':
        void outOfRange(fetching, cursor)
        break
      case 'again':
        again(fetching, cursor, outcome.error)
        break
      case 'failed':
        cursor.failure = outcome.error
        break
      default:
        unreachable(outcome)
    }
  }
}

const copyOf = ({ bytes, nextOffset }: CommittedView, buffers: Buffers): CommittedView => {
  const copy = buffers.take(bytes.length)
  copy.set(bytes)
  return { bytes: copy, nextOffset }
}

/** The broker says it without the bounds, and a new leader may say it too early: the bounds decide. */
const outOfRange = async (fetching: Fetching, cursor: FetchCursor): Promise<void> => {
  const { topic, name, partition, position } = cursor
  cursor.retryAtMs = Number.POSITIVE_INFINITY
  try {
    const ranges = await listOffsets(fetching.connection, name, [partition])
    const { startOffset, endOffset } = ranges.get(partition)!
    if (cursor.position === position && (position < startOffset || position > endOffset))
      cursor.failure = new PositionError({
        topic,
        partition,
        position: position as Offset,
        startOffset: startOffset as Offset,
        endOffset: endOffset as Offset,
      })
  } catch (error) {
    cursor.failure = logErrorOf(error, `offsets of ${name}/${partition}`)
  }
  cursor.retryAtMs = fetching.settings.clock.monotonicMs() + backoffMs(cursor.failures++)
  settle(fetching)
}

/** Asks again after a while, with fresh metadata. When that has gone on for the timeout, the poll is told. */
const again = (fetching: Fetching, cursor: FetchCursor, error: unknown): void => {
  const { settings } = fetching
  const nowMs = settings.clock.monotonicMs()
  if (cursor.failures++ === 0) cursor.troubleSinceMs = nowMs
  cursor.retryAtMs = nowMs + backoffMs(cursor.failures)
  const what = `fetch of ${cursor.name}/${cursor.partition}`
  const failure = logErrorOf(error, what)
  if (!failure.retriable || nowMs - cursor.troubleSinceMs > settings.timeoutMs)
    cursor.failure = failure
  settings.observe({ kind: 'trouble', what, error })
  if (!fetching.refreshing) void refresh(fetching)
}

const refresh = async (fetching: Fetching): Promise<void> => {
  const { connection } = fetching
  fetching.refreshing = true
  await sleep(backoffMs(0))
  if (!fetching.closed) await connection.refresh().catch(connection.recover)
  fetching.refreshing = false
  settle(fetching)
}

const settle = (fetching: Fetching): void => {
  for (const { waiting } of fetching.readers) waiting?.check()
  pump(fetching)
}
