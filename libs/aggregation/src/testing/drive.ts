import {
  ledgerBalances,
  type Checkpoint,
  type Fact,
  type InputTopic,
  type Layout,
  type Offset,
  type Output,
} from '@tidemark/model'
import { decodeUtf8, hideBatch, writeRecordBatch } from '@tidemark/wire'
import { aggregatorFold } from '../aggregator-fold.ts'
import { ledgerOf, wantedOf } from '../checkpoint.ts'
import type { InputSchemas } from '../input-frames.ts'
import { isSenseless, testSchemas } from './avro-events.ts'
import type { ReferenceRecord } from './reference-run.ts'
import type { ReferenceGap } from './reference.ts'

export const testInput: InputSchemas = {
  frames: testSchemas,
  upgrade: (schema) => ({ ok: false, reason: 'unknown_schema', detail: schema }),
  fact: (schema, body) => {
    const event = jsonOf(body)
    if (event === null) return { ok: false, reason: 'bad_avro', detail: schema }
    if (isSenseless(event)) return { ok: false, reason: 'bad_value', detail: schema }
    return { ok: true, fact: event }
  },
}

const jsonOf = (bytes: Uint8Array): Fact | null => {
  try {
    return JSON.parse(decodeUtf8(bytes, 0, bytes.length) ?? '') as Fact
  } catch {
    return null
  }
}

/** A log of one partition in batches, with a hidden batch here and there. */
export type TestLog = { readonly batches: readonly TestBatch[]; readonly endOffset: number }
type TestBatch = { readonly bytes: Uint8Array; readonly nextOffset: number }

/** Cuts records into batches of the sizes that `next` draws; offsets stay as they are. */
export const testLog = (
  records: readonly ReferenceRecord[],
  draw: (max: number) => number,
): TestLog => {
  const batches: TestBatch[] = []
  for (let at = 0; at < records.length;) {
    // Offsets within a batch follow each other, so a gap ends it.
    let size = 1
    const wanted = 1 + draw(4)
    while (size < wanted && records[at + size]?.offset === records[at + size - 1]!.offset + 1)
      size++
    const piece = records.slice(at, at + size)
    const baseOffset = piece[0]!.offset
    const previous = batches.at(-1)?.nextOffset ?? 0
    if (baseOffset > previous) batches.push(hidden(previous))
    batches.push({ bytes: writeRecordBatch(piece, baseOffset), nextOffset: baseOffset + size })
    at += size
  }
  return { batches, endOffset: batches.at(-1)?.nextOffset ?? 0 }
}

const hidden = (offset: number): TestBatch => {
  const bytes = writeRecordBatch([{ key: null, value: null, timestampMs: 0 }], offset)
  hideBatch(bytes, 0)
  return { bytes, nextOffset: offset + 1 }
}

export type Drive = {
  readonly layout: Layout
  readonly partition: number
  readonly logs: ReadonlyMap<InputTopic, TestLog>
  /** A whole number of 0 to `max`. */
  readonly draw: (max: number) => number
  readonly restarts: boolean
  /** At a restart records may be gone, read or not. */
  readonly losses?: boolean
}

export type Driven = {
  readonly committed: readonly Output[]
  readonly checkpoint: Checkpoint
  readonly restarts: number
  /** Of commits that hold, by source in their order. */
  readonly gaps: readonly (ReferenceGap & { readonly topic: InputTopic })[]
  /** Checkpoints that a fold gave back after having been restored from them. */
  readonly same: readonly { readonly saved: Checkpoint; readonly restored: Checkpoint }[]
}

/**
 * Runs a fold over logs as an engine might: feeds one source or another some batches, lets it work in slices, commits now and then, also
 * in the middle of a batch, and loses what is not committed at a restart.
 */
export const drive = (run: Drive): Driven => {
  const { layout, partition, logs, draw, restarts, losses = false } = run
  const starts = new Map<string, number>()
  let untold: Driven['gaps'][number][] = []
  let gaps: Driven['gaps'] = []
  const open = (checkpoint: Checkpoint | null) => {
    const wanted = wantedOf(checkpoint)
    const gone = wanted.flatMap(({ topic, from, position }) => {
      const toOffset = (starts.get(topic) ?? 0) as Offset
      return toOffset > from ? [{ topic, partition, fromOffset: from, toOffset, position }] : []
    })
    untold = gone
    const hashSeed = draw(0x7fff_ffff)
    return aggregatorFold({
      ...{ layout, partition, schemas: testInput, checkpoint },
      ...{ gaps: gone, hashSeed },
    })
  }
  let fold = open(null)
  let committed: Output[] = []
  let pending: Output[] = []
  let checkpoint: Checkpoint | null = null
  let restarted = 0
  const same: Driven['same'][number][] = []
  const commit = (): void => {
    checkpoint = copyOf(fold.checkpoint())
    for (const { ledger } of ledgerOf(checkpoint))
      if (!ledgerBalances(ledger)) throw new Error(`I2: ${JSON.stringify(ledger)}`)
    committed = [...committed, ...pending]
    pending = []
    gaps = [...gaps, ...untold]
    untold = []
  }
  for (;;) {
    const ready = fold.sources().filter(({ topic, position }) => position < endOf(logs, topic))
    const free = ready.filter(({ held }) => !held)
    if (ready.length === 0) break
    if (free.length === 0) throw new Error('every source that has more is held')
    const source = free[draw(free.length - 1)]!
    fold.feed({ partition, ...read(logs, source.topic, source.position, draw) })
    while (fold.work(1 + draw(6), (output) => pending.push(output)))
      if (fold.atRecordBoundary() && draw(9) === 0) commit()
    if (draw(3) === 0) commit()
    if (!restarts || draw(6) > 0) continue
    restarted++
    pending = []
    if (losses && draw(1) === 0) removeSome(run, starts)
    fold = open(checkpoint)
    if (checkpoint !== null && untold.length === 0)
      same.push({ saved: checkpoint, restored: copyOf(fold.checkpoint()) })
  }
  commit()
  return { committed, checkpoint: checkpoint ?? new Map(), restarts: restarted, gaps, same }
}

/** Retention: the log of one source begins later than before. */
const removeSome = ({ logs, draw }: Drive, starts: Map<string, number>): void => {
  const topic = [...logs.keys()][draw(logs.size - 1)]!
  const start = starts.get(topic) ?? 0
  starts.set(topic, start + draw(Math.min(20, endOf(logs, topic) - start)))
}

const endOf = (logs: Drive['logs'], topic: string): number =>
  logs.get(topic as InputTopic)?.endOffset ?? 0

/** Some batches from the one that holds `fromOffset`. */
const read = (
  logs: Drive['logs'],
  topic: string,
  fromOffset: Offset,
  draw: (max: number) => number,
) => {
  const log = logs.get(topic as InputTopic)!
  const first = log.batches.findIndex(({ nextOffset }) => nextOffset > fromOffset)
  const taken = log.batches.slice(first, first + 1 + draw(2))
  return {
    topic: topic as InputTopic,
    bytes: joined(taken.map(({ bytes }) => bytes)),
    fromOffset,
    nextOffset: taken.at(-1)!.nextOffset as Offset,
    endOffset: log.endOffset as Offset,
  }
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

const copyOf = (checkpoint: Checkpoint): Checkpoint =>
  new Map([...checkpoint].map(([part, bytes]) => [part, bytes.slice()]))

/** The outputs that one source caused, in their order, as text that is quick to compare; without the details of refusals. */
export const causedBy = (outputs: readonly Output[], topic: InputTopic): readonly string[] =>
  outputs.flatMap(({ topic: to, event }) =>
    'cause' in event && 'topic' in event.cause && event.cause.topic === topic
      ? [`${to} ${JSON.stringify(event, forComparison)}`]
      : [],
  )

const forComparison = (key: string, value: unknown): unknown => {
  if (key === 'detail') return undefined
  return value instanceof Uint8Array ? hexOf(value) : value
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
