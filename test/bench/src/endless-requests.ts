import { offset, type RecordBatches } from '@tidemark/model'
import { batchHeaderAt, recordCursor, requestObservedReader } from '@tidemark/wire'
import { singleEvents, startMs, type Shape } from './workload.ts'

/**
 * Single events without end in bounded memory: a cycle is prepared once, and whenever it comes round the same bytes are later in time and have
 * other ids. Checksums are not put right: they are the logs' to check, and nothing here goes through one.
 */
export type EndlessRequests = {
  readonly eventsOfCycle: number
  /** From the beginning again. */
  readonly restart: () => void
  /** The next piece, which holds until its turn in the next cycle. */
  readonly next: () => RecordBatches
}

/** `events` of the shape make a cycle: as many as fill a whole number of milliseconds. */
export const endlessRequests = (shape: Shape): EndlessRequests => {
  const { events, pieces } = singleEvents(shape)
  const cycleMs = (1000 * events) / shape.eventsPerSecond
  if (!Number.isInteger(cycleMs)) throw new Error(`${cycleMs} ms are no whole number of them`)
  const templates = pieces.map((piece) => ({ piece, places: placesOf(piece) }))
  const shifted = templates.map(() => 0)
  let cycle = 0
  let at = 0
  return {
    eventsOfCycle: events,
    restart: () => {
      cycle = 0
      at = 0
    },
    next: () => {
      const { piece, places } = templates[at]!
      shift(piece.bytes, places, cycle - shifted[at]!, events, cycleMs)
      setIds(piece.bytes, places, cycle)
      shifted[at] = cycle
      at = (at + 1) % templates.length
      const firstOffset = cycle * events
      if (at === 0) cycle++
      return {
        ...piece,
        fromOffset: offset(firstOffset + piece.fromOffset),
        nextOffset: offset(firstOffset + piece.nextOffset),
        endOffset: offset(firstOffset + piece.nextOffset),
      }
    },
  }
}

/** The clock that nothing of so many events is ahead of, and that closes all of their windows. */
export const behindMs = (events: number, eventsPerSecond: number): number =>
  startMs + Math.ceil((1000 * events) / eventsPerSecond) + 60_000

/** Where the batches of a piece begin, and the ids and times of its events. */
type Places = {
  readonly batches: readonly number[]
  readonly ids: Int32Array
  readonly times: Int32Array
}

/** Of Avro's single-object encoding. */
const frameBytes = 10

const placesOf = (piece: RecordBatches): Places => {
  const batches: number[] = []
  for (let at = 0; at < piece.bytes.length; at += batchHeaderAt(piece.bytes, at).bytes)
    batches.push(at)
  const ids: number[] = []
  const times: number[] = []
  const cursor = recordCursor()
  const request = requestObservedReader()
  cursor.open(piece)
  while (cursor.next()) {
    const result = request.read(cursor.bytes, cursor.valueStart + frameBytes, cursor.valueEnd)
    if (result !== 'ok') throw new Error(`a prepared event is ${result}: ${request.detail}`)
    ids.push(request.idStart)
    times.push(request.operationEnd)
  }
  return { batches, ids: Int32Array.from(ids), times: Int32Array.from(times) }
}

const baseTimestampAt = 27
const maxTimestampAt = 35

const shift = (
  bytes: Uint8Array,
  { batches, times }: Places,
  cycles: number,
  eventsOfCycle: number,
  cycleMs: number,
): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const at of batches) {
    addToWord(view, at, cycles * eventsOfCycle)
    addToWord(view, at + baseTimestampAt, cycles * cycleMs)
    addToWord(view, at + maxTimestampAt, cycles * cycleMs)
  }
  for (let i = 0; i < times.length; i++) addToTime(bytes, times[i]!, cycles * cycleMs * 1000)
}

const addToWord = (view: DataView, at: number, more: number): void =>
  view.setBigInt64(at, view.getBigInt64(at) + BigInt(more))

/** Times of our days take eight bytes as a zigzag varint: those of 50 bits, the lowest of which says minus. */
const addToTime = (bytes: Uint8Array, at: number, moreUs: number): void => {
  let zigzag = 0
  for (let i = 7; i >= 0; i--) zigzag = zigzag * 128 + (bytes[at + i]! & 127)
  zigzag += 2 * moreUs
  for (let i = 0; i < 8; i++) {
    bytes[at + i] = (zigzag % 128) | (i < 7 ? 128 : 0)
    zigzag = Math.floor(zigzag / 128)
  }
}

/** Ids of a cycle begin with its number. */
const setIds = (bytes: Uint8Array, { ids }: Places, cycle: number): void => {
  for (let i = 0; i < ids.length; i++) {
    bytes[ids[i]!] = cycle
    bytes[ids[i]! + 1] = cycle >>> 8
  }
}
