import type { FetchCursor } from './fetch-cursor.ts'
import type { RecordBatches } from '@tidemark/model'
import type { Waiting } from './fetch-poll.ts'
import type { FetchQuestion, Leaders } from './kafkajs-internals.ts'

export type Reader = {
  /** Fetches one section ahead of what a poll waits for. */
  readonly ahead: boolean
  readonly cursors: Map<string, FetchCursor>
  waiting: Waiting | null
  /** What the last poll handed out, which is good until the next one. */
  handedOut: readonly RecordBatches[]
}

/** What readers want, by the node that leads it; `leaderless` where none does. */
export type Survey = {
  readonly wanted: ReadonlyMap<number, readonly FetchCursor[]>
  /** Nodes that lead something which lies ready. */
  readonly holding: ReadonlySet<number>
  /** When the next cursor that waits after a failure may be asked for. */
  readonly laterMs: number
}

export const leaderless = -1

/** What may lie ready for all readers together; above it only that is wanted which a poll waits for. */
const readyBytesMax = 48 * 1024 * 1024

export const survey = (readers: Iterable<Reader>, leaders: Leaders, nowMs: number): Survey => {
  const wanted = new Map<number, FetchCursor[]>()
  const holding = new Set<number>()
  let laterMs = Number.POSITIVE_INFINITY
  const isRoom = readyBytes(readers) < readyBytesMax
  for (const { ahead, cursors, waiting } of readers)
    for (const cursor of cursors.values()) {
      const node = leaders.get(cursor.name)?.get(cursor.partition) ?? leaderless
      const isWaitedFor = waiting?.cursors.has(cursor) === true
      if (cursor.ready !== null) holding.add(node)
      else if (cursor.failure !== null || !(isWaitedFor || (ahead && isRoom))) continue
      else if (cursor.retryAtMs > nowMs) laterMs = Math.min(laterMs, cursor.retryAtMs)
      else {
        const beside = wanted.get(node)
        if (beside === undefined) wanted.set(node, [cursor])
        else beside.push(cursor)
      }
    }
  return { wanted, holding, laterMs }
}

const readyBytes = (readers: Iterable<Reader>): number => {
  let bytes = 0
  for (const { cursors } of readers)
    for (const { ready } of cursors.values()) bytes += ready?.bytes.length ?? 0
  return bytes
}

/** A position to ask for, and who stands there. */
export type Asked = { readonly position: number; readonly cursors: FetchCursor[] }

/**
 * A question holds a partition once: the reader that is furthest behind has its turn, with those that stand there too. The order turns
 * from question to question, since the first partition gets its data whatever the limits say.
 */
export const askedFor = (
  cursors: readonly FetchCursor[],
  turn: number,
): ReadonlyMap<string, Asked> => {
  const first = turn % cursors.length
  const asked = new Map<string, Asked>()
  for (const cursor of [...cursors.slice(first), ...cursors.slice(0, first)]) {
    const key = `${cursor.name}/${cursor.partition}`
    const entry = asked.get(key)
    if (entry === undefined || cursor.position < entry.position)
      asked.set(key, { position: cursor.position, cursors: [cursor] })
    else if (cursor.position === entry.position) entry.cursors.push(cursor)
  }
  return asked
}

/** Per partition and answer. Nearly every full section ends in a cut batch that is fetched again, so large ones are cheaper. */
const sectionBytes = 1024 * 1024
const answerBytes = 8 * 1024 * 1024

export const questionFor = (asked: Iterable<Asked>, maxWaitMs: number): FetchQuestion => ({
  maxWaitMs,
  bytesMax: answerBytes,
  topics: Array.from(asked, ({ position, cursors: [cursor] }) => ({
    topic: cursor!.name,
    partitions: [{ partition: cursor!.partition, fetchOffset: position, maxBytes: sectionBytes }],
  })),
})
