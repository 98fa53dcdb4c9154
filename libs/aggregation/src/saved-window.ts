import { invariant, type HistogramShape } from '@tidemark/model'
import { encodeV2, mergeV2 } from '@tidemark/histogram'
import { encodeUtf8, type BatchBits } from '@tidemark/wire'
import { byteInput, type ByteInput } from './byte-input.ts'
import { byteOutput, type ByteOutput } from './byte-output.ts'
import type { CheckPart } from './check-part.ts'
import {
  addPart,
  addRow,
  emptyRow,
  openWindow,
  overflowPart,
  ownPart,
  partsOf,
  windowRoom,
  type OpenWindow,
  type Part,
  type Row,
  type WindowRoom,
} from './open-window.ts'
import { addStatus, emptyRequestPart, forEachStatus, type RequestPart } from './request-part.ts'

// An open window as bytes, for the checkpoint. Only this code reads them, and only under the same layout, whose id pins the
// semantics: so there is one version. A field is a varint unless it says otherwise.

/** How the parts of a kind of window are written and read. */
export type PartForm<P extends Part> = {
  readonly write: (output: ByteOutput, part: P) => void
  readonly read: (input: ByteInput, part: Part, room: WindowRoom) => P
}

/** One part of a checkpoint is at most so long, well below what one record may hold. */
const savedBytesMax = 512 * 1024

export const saveWindow = <P extends Part>(
  window: OpenWindow<P>,
  form: PartForm<P>,
): readonly Uint8Array[] => {
  const output = byteOutput()
  output.integer(window.identities)
  output.integer(window.rows.length)
  const { rows } = window
  const singles = window.room.singles.byOwner(rows.length)
  const batched = window.room.batched.byOwner(rows.length)
  rows.forEach((row, i) => writeRow(output, row, singles[i]!, batched[i]!, form))
  const bytes = output.toBytes()
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += savedBytesMax)
    pieces.push(bytes.slice(at, at + savedBytesMax))
  return pieces
}

export const loadWindow = <P extends Part>(
  startUs: number,
  endUs: number,
  saved: readonly Uint8Array[],
  form: PartForm<P>,
  hashSeed = 0,
): OpenWindow<P> => {
  const window = openWindow<P>(startUs, endUs, windowRoom(hashSeed))
  const input = byteInput(joined(saved))
  window.identities = input.integer()
  for (let rows = input.integer(); rows > 0; rows--) {
    const row = readRow(input, window, form)
    addRow(row)
    window.events += row.events
  }
  invariant(input.atEnd(), `saved window ${endUs}: bytes left over`)
  window.saved = saved
  return window
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

const writeRow = <P extends Part>(
  output: ByteOutput,
  row: Row<P>,
  singles: Uint8Array,
  batched: readonly BatchBits[],
  form: PartForm<P>,
): void => {
  output.bytes(encodeUtf8(row.service))
  output.integer((row.overflow ? 1 : 0) + (row.identityChecked ? 2 : 0))
  output.integer(row.firstOffset)
  output.integer(row.lastOffset)
  output.integer(row.records)
  output.integer(row.events)
  output.integer(row.high >>> 0)
  output.integer(row.low >>> 0)
  output.bytes(singles)
  output.integer(batched.length)
  for (const { batchId, bits } of batched) {
    output.bytes(batchId)
    output.integer(bits.length)
    for (const word of bits) output.integer(word)
  }
  const parts = partsOf(row)
  output.integer(parts.length)
  for (const part of parts) {
    output.bytes(encodeUtf8(part.name))
    output.integer(part.overflow ? 1 : 0)
    form.write(output, part)
  }
}

const readRow = <P extends Part>(
  input: ByteInput,
  window: OpenWindow<P>,
  form: PartForm<P>,
): Row<P> => {
  const service = input.text()
  const flags = input.integer()
  const row = emptyRow(window, service, (flags & 1) !== 0)
  row.identityChecked = (flags & 2) !== 0
  row.firstOffset = input.integer()
  row.lastOffset = input.integer()
  row.records = input.integer()
  row.events = input.integer()
  row.high = input.integer() | 0
  row.low = input.integer() | 0
  readIdentities(input, row)
  readBatchIdentities(input, row)
  for (let parts = input.integer(); parts > 0; parts--) {
    const name = input.text()
    const overflow = input.integer() === 1
    const part = overflow ? overflowPart(row) : ownPart(row, name, -1)
    const read = form.read(input, part, window.room)
    if (overflow) row.overflowPart = read
    else addPart(row, read)
  }
  return row
}

const readIdentities = <P extends Part>(input: ByteInput, { window, index }: Row<P>): void => {
  const bytes = input.bytes()
  for (let at = 0; at < bytes.length; at += 16) window.room.singles.add(bytes, at, index)
}

const readBatchIdentities = <P extends Part>(input: ByteInput, { window, index }: Row<P>): void => {
  for (let left = input.integer(); left > 0; left--) {
    const batchId = input.bytes()
    const words = input.integer()
    for (let i = 0; i < words; i++) {
      const word = input.integer()
      for (let bit = 0; bit < 32; bit++)
        if (((word >>> bit) & 1) === 1)
          window.room.batched.add(batchId, 0, index, 32 * i + bit, 32 * words)
    }
  }
}

export const requestPartForm = (shape: HistogramShape): PartForm<RequestPart> => ({
  write: (output, part) => {
    output.integer(part.total)
    output.integer(part.failed)
    const statuses: number[] = []
    forEachStatus(part, (status, events) => void statuses.push(status, events))
    output.integer(statuses.length)
    for (const number of statuses) output.integer(number)
    output.integer(part.overRange)
    output.integer(part.maxUs)
    output.bytes(encodeV2(part))
  },
  read: (input, of, room) => {
    const part = emptyRequestPart(of, shape, room.slots)
    const total = input.integer()
    part.failed = input.integer()
    for (let left = input.integer(); left > 0; left -= 2)
      addStatus(part, input.integer(), input.integer())
    const overRange = input.integer()
    const latencyUsMax = input.integer()
    mergeV2(part, input.bytes(), { overRange, latencyUsMax })
    invariant(part.total === total, `saved part: ${total} requests, ${part.total} latencies`)
    return part
  },
})

export const checkPartForm: PartForm<CheckPart> = {
  write: (output, { passed, failed }) => {
    output.integer(passed)
    output.integer(failed)
  },
  read: (input, part) => {
    const passed = input.integer()
    return { ...part, passed, failed: input.integer() }
  },
}
