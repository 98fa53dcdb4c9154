import { takeInteger, takeSigned, type ByteReader } from '../byte-reader.ts'
import {
  byteWriter,
  putBytes,
  putInteger,
  putSigned,
  written,
  type ByteWriter,
} from '../byte-writer.ts'

/**
 * Valid and bad events of so many steps in a row, a value: as a list that may be copied and changed, or packed as a checkpoint has them. Packed
 * steps are read in place. Measured for ten thousand services with a month behind them: lists are six times the memory, most of the time of
 * a restore went into making them, and each collection of garbage walked all of them.
 */
export type Chunk = StepList | PackedSteps

/** Of each slot the valid events, then the bad ones; at `sumAt` the sums of all slots, so that a span costs the steps at its ends. */
export type StepList = readonly number[]

export type PackedSteps = {
  /** Runs of steps, as `putChunk` writes them, from here to there. Shared with other chunks of a checkpoint. */
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
  /** Sums of all steps. */
  readonly valid: number
  readonly bad: number
}

/** Copying a list costs its size, having one some fifty bytes: 1 KB is between the two. */
export const chunkSlots = 62
const sumAt = 2 * chunkSlots
const listLength = sumAt + 2
/** The one that holds nothing is the same everywhere. */
export const emptyChunk: StepList = Array<number>(listLength).fill(0)

const isList = (chunk: Chunk): chunk is StepList => Array.isArray(chunk)

export const validOf = (chunk: Chunk): number => (isList(chunk) ? chunk[sumAt]! : chunk.valid)
export const badOf = (chunk: Chunk): number => (isList(chunk) ? chunk[sumAt + 1]! : chunk.bad)

/** Adds what slots `from` to before `to` hold; owned and changed by whoever made it. */
export type Sums = { valid: number; bad: number }

export const addSlots = (sums: Sums, chunk: Chunk, from: number, to: number): void => {
  if (to - from === chunkSlots) {
    sums.valid += validOf(chunk)
    sums.bad += badOf(chunk)
  } else if (!isList(chunk)) addPacked(sums, chunk, from, to)
  else if (chunk !== emptyChunk)
    for (let at = 2 * from; at < 2 * to; at += 2) {
      sums.valid += chunk[at]!
      sums.bad += chunk[at + 1]!
    }
}

/**
 * Eight spans of each objective end within a chunk in every window, so integers of up to four bytes, which nearly all are, are taken on the spot:
 * a tenth of the time that `takeRun` needs for the same, to which the rest is left.
 */
const addPacked = (sums: Sums, chunk: PackedSteps, from: number, to: number): void => {
  const { bytes } = chunk
  let at = chunk.from
  let valid = 0
  let allValid = 0
  let allBad = 0
  for (let slot = 0; slot < to;) {
    let head = bytes[at++]!
    if (head > 127) {
      let byte = bytes[at++]!
      head = (head & 127) | ((byte & 127) << 7)
      for (let shift = 14; byte > 127; shift += 7) {
        if (shift > 21) {
          addRuns(sums, chunk, from, to)
          return
        }
        byte = bytes[at++]!
        head |= (byte & 127) << shift
      }
    }
    let bad = bytes[at++]!
    if (bad > 127) {
      let byte = bytes[at++]!
      bad = (bad & 127) | ((byte & 127) << 7)
      for (let shift = 14; byte > 127; shift += 7) {
        if (shift > 21) {
          addRuns(sums, chunk, from, to)
          return
        }
        byte = bytes[at++]!
        bad |= (byte & 127) << shift
      }
    }
    valid += (head & 2) === 0 ? head >> 2 : -((head >> 2) + 1)
    // A run is no longer than a chunk, so its length is one byte.
    const end = slot + ((head & 1) === 0 ? 1 : bytes[at++]! + 2)
    if (end > from) {
      const steps = (end < to ? end : to) - (slot > from ? slot : from)
      allValid += steps * valid
      allBad += steps * ((bad & 1) === 0 ? bad >> 1 : -((bad >> 1) + 1))
    }
    slot = end
  }
  sums.valid += allValid
  sums.bad += allBad
}

/** The same of integers of any length. */
const addRuns = (sums: Sums, { bytes, from: at }: PackedSteps, from: number, to: number): void => {
  const run = startOf(bytes, at)
  for (let slot = 0; slot < to; slot = run.end) {
    takeRun(run)
    const steps = Math.min(to, run.end) - Math.max(from, slot)
    if (steps <= 0) continue
    sums.valid += steps * run.valid
    sums.bad += steps * run.bad
  }
}

/** A copy as a list, for whoever changes it. */
export const listOf = (chunk: Chunk): number[] => {
  if (isList(chunk)) return chunk.slice()
  const list = new Array<number>(listLength)
  const run = startOf(chunk.bytes, chunk.from)
  for (let slot = 0; slot < chunkSlots;) {
    takeRun(run)
    for (; slot < run.end; slot++) {
      list[2 * slot] = run.valid
      list[2 * slot + 1] = run.bad
    }
  }
  list[sumAt] = chunk.valid
  list[sumAt + 1] = chunk.bad
  return list
}

/** Puts the sums of its slots into a list, whose owner the caller is; one that holds nothing is `emptyChunk`. */
export const summed = (list: number[]): StepList => {
  let valid = 0
  let bad = 0
  let isEmpty = true
  for (let at = 0; at < sumAt; at += 2) {
    valid += list[at]!
    bad += list[at + 1]!
    if (list[at] !== 0 || list[at + 1] !== 0) isEmpty = false
  }
  list[sumAt] = valid
  list[sumAt + 1] = bad
  return isEmpty ? emptyChunk : list
}

/** The same packed, which takes less room and more time to change. */
export const packed = (chunk: Chunk): Chunk => {
  if (!isList(chunk) || chunk === emptyChunk) return chunk
  const writer = byteWriter()
  putRuns(writer, chunk)
  const bytes = written(writer)
  return { bytes, from: 0, to: bytes.length, valid: validOf(chunk), bad: badOf(chunk) }
}

// A chunk in a checkpoint: one that holds nothing is a zero. Any other is a one and its steps in runs of equal ones: how much more are valid than
// in the step before, doubled, odd where the run is longer than one; the bad ones; and the length of such a run less two. Checks that come
// every ten seconds are one run; a steady service takes some three bytes a step.

export const putChunk = (writer: ByteWriter, chunk: Chunk): void => {
  putInteger(writer, chunk === emptyChunk ? 0 : 1)
  if (!isList(chunk)) putBytes(writer, chunk.bytes, chunk.from, chunk.to)
  else if (chunk !== emptyChunk) putRuns(writer, chunk)
}

const putRuns = (writer: ByteWriter, list: StepList): void => {
  let before = 0
  for (let i = 0; i < sumAt;) {
    const valid = list[i]!
    const bad = list[i + 1]!
    let next = i + 2
    while (next < sumAt && list[next] === valid && list[next + 1] === bad) next += 2
    const run = (next - i) / 2
    const more = valid - before
    putInteger(writer, 2 * (more < 0 ? -2 * more - 1 : 2 * more) + (run > 1 ? 1 : 0))
    putSigned(writer, bad)
    if (run > 1) putInteger(writer, run - 2)
    before = valid
    i = next
  }
}

/** The chunk that `putChunk` wrote, packed in the reader's bytes; anything else is a RangeError. */
export const takeChunk = (reader: ByteReader): Chunk => {
  const isFilled = takeInteger(reader)
  if (isFilled === 0) return emptyChunk
  if (isFilled !== 1) throw new RangeError(`counts: ${isFilled} is no beginning of a chunk`)
  const from = reader.at
  const run = startOf(reader.bytes, from)
  let valid = 0
  let bad = 0
  for (let slot = 0; slot < chunkSlots; slot = run.end) {
    takeRun(run)
    if (run.end > chunkSlots)
      throw new RangeError(`counts: a run up to step ${run.end} of ${chunkSlots}`)
    valid += (run.end - slot) * run.valid
    bad += (run.end - slot) * run.bad
  }
  reader.at = run.at
  return { bytes: reader.bytes, from, to: run.at, valid, bad }
}

/** Equal steps, the last of them before slot `end`; the next run is at `at`. */
type Run = ByteReader & { end: number; valid: number; bad: number }

const startOf = (bytes: Uint8Array, at: number): Run => ({ bytes, at, end: 0, valid: 0, bad: 0 })

const takeRun = (run: Run): void => {
  const head = takeInteger(run)
  const more = Math.floor(head / 2)
  run.valid += more % 2 === 1 ? -(more + 1) / 2 : more / 2
  run.bad = takeSigned(run)
  run.end += head % 2 === 1 ? takeInteger(run) + 2 : 1
}
