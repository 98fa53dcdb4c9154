import type { RecordBatches } from '@tidemark/model'

// The baseline of `folding`: what a loop costs that does the least. It walks record batches in place and counts requests, failures and
// latencies by service and window, in histograms of the same slots, encoded at close. It trusts every byte and knows no ids, operations,
// keys, ledger, digest or restart. Frozen: to be made faster or better by nobody, since ratios to it are compared over years.

const windowUs = 10_000_000
const graceUs = 5_000_000
const highestUs = 600_000_000
const slots = 3072

type Row = { events: number; errors: number; maxUs: number; readonly counts: Float64Array }
type Window = { readonly startUs: number; readonly rows: Map<string, Row> }

export type BareFold = {
  readonly feed: (batches: RecordBatches) => void
  /** Events counted in windows, and rows of windows that were closed. */
  readonly counted: () => { readonly events: number; readonly rows: number }
}

export const bareFold = (records: 'single' | 'batched'): BareFold => {
  let windows: Window[] = []
  let last: Window | null = null
  let clockUs = -1
  let nextCloseUs = Number.POSITIVE_INFINITY
  let events = 0
  let rows = 0

  const rowOf = (service: string, atUs: number): Row => {
    if (last === null || atUs < last.startUs || atUs >= last.startUs + windowUs) {
      const startUs = atUs - (atUs % windowUs)
      last = windows.find((window) => window.startUs === startUs) ?? null
      if (last === null) windows.push((last = { startUs, rows: new Map() }))
      nextCloseUs = Math.min(nextCloseUs, startUs + windowUs + graceUs)
    }
    let row = last.rows.get(service)
    if (row === undefined) {
      row = { events: 0, errors: 0, maxUs: 0, counts: new Float64Array(slots) }
      last.rows.set(service, row)
    }
    return row
  }

  const record = (row: Row, latencyUs: number, status: number): void => {
    const us = latencyUs > highestUs ? highestUs : latencyUs
    const octave = 24 - Math.clz32(us | 255)
    row.counts[(octave << 7) + (us >>> octave)]!++
    row.events++
    if (status >= 500) row.errors++
    if (us > row.maxUs) row.maxUs = us
    events++
  }

  const advance = (atUs: number): void => {
    if (atUs > clockUs) clockUs = atUs
    if (clockUs < nextCloseUs) return
    for (const window of windows.filter(isDue))
      for (const row of window.rows.values()) if (encoded(row) > 0) rows++
    windows = windows.filter((window) => !isDue(window))
    last = null
    nextCloseUs = Math.min(
      ...windows.map(({ startUs }) => startUs + windowUs + graceUs),
      Number.POSITIVE_INFINITY,
    )
  }
  const isDue = ({ startUs }: Window): boolean => startUs + windowUs + graceUs <= clockUs

  const single = (): void => {
    position += bytes[position] === 2 ? 17 : 1
    const service = nameAt()
    skip(varint())
    const atUs = varint()
    const latencyUs = varint()
    record(rowOf(service, atUs), latencyUs, varint())
    advance(atUs)
  }

  const batch = (): void => {
    position += 16
    const service = nameAt()
    const baseUs = varint()
    for (let n = varint(); n !== 0; n = varint()) for (let i = 0; i < n; i++) skip(varint())
    readColumn(deltaUs)
    readColumn(latencies)
    let row: Row | null = null
    let lowUs = 0
    let highUs = 0
    for (let n = varint(), k = 0; n !== 0; n = varint())
      for (let i = 0; i < n; i++, k++) {
        const atUs = baseUs + deltaUs[k]!
        if (row === null || atUs < lowUs || atUs >= highUs) {
          row = rowOf(service, atUs)
          lowUs = atUs - (atUs % windowUs)
          highUs = lowUs + windowUs
        }
        record(row, latencies[k]!, varint())
      }
    advance(baseUs)
  }

  return {
    feed: (batches) => {
      bytes = batches.bytes
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let at = 0; at < bytes.length; at += 12 + view.getInt32(at + 8)) {
        position = at + 61
        for (let left = view.getInt32(at + 57); left > 0; left--) {
          const length = varint()
          const end = position + length
          position++
          varint()
          varint()
          skip(varint())
          varint()
          position += 10
          if (records === 'batched') batch()
          else single()
          position = end
        }
      }
    },
    counted: () => ({ events, rows }),
  }
}

// One shared position, as in every such loop.
let bytes: Uint8Array = new Uint8Array(0)
let position = 0
const deltaUs = new Float64Array(65_536)
const latencies = new Float64Array(65_536)

const varint = (): number => {
  let byte = bytes[position++]!
  if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
  let low = byte & 127
  for (let shift = 7; shift < 28; shift += 7) {
    byte = bytes[position++]!
    low |= (byte & 127) << shift
    if (byte < 128) return (low >>> 1) ^ -(low & 1)
  }
  let value = low
  let scale = 0x1000_0000
  do {
    byte = bytes[position++]!
    value += (byte & 127) * scale
    scale *= 128
  } while (byte >= 128)
  return value % 2 ? -(value + 1) / 2 : value / 2
}

const skip = (count: number): void => {
  position += count
}

const readColumn = (into: Float64Array): void => {
  let read = 0
  for (let n = varint(); n !== 0; n = varint()) for (let i = 0; i < n; i++) into[read++] = varint()
}

type Name = { readonly hash: number; readonly bytes: Uint8Array; readonly name: string }
const names: (Name | null)[] = new Array<Name | null>(32_768).fill(null)

/** The interned name whose length stands at the position. */
const nameAt = (): string => {
  const length = varint()
  const start = position
  position += length
  let hash = length
  for (let at = start; at < position; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0
  for (let slot = hash & (names.length - 1); ; slot = (slot + 1) & (names.length - 1)) {
    const known = names[slot]!
    if (known === null) {
      const copy = bytes.slice(start, position)
      const name = new TextDecoder().decode(copy)
      names[slot] = { hash, bytes: copy, name }
      return name
    }
    if (known.hash !== hash || known.bytes.length !== length) continue
    let i = 0
    while (i < length && known.bytes[i] === bytes[start + i]) i++
    if (i === length) return known.name
  }
}

const scratch = new Uint8Array(64 * 1024)
/** A row as HdrHistogram's V2 would hold it: counts and runs of zeros, zigzag. Returns the bytes. */
const encoded = ({ counts }: Row): number => {
  let at = 40
  const put = (value: number): void => {
    let rest = value >= 0 ? value * 2 : -value * 2 - 1
    for (; rest > 127; rest = Math.floor(rest / 128)) scratch[at++] = (rest % 128) | 128
    scratch[at++] = rest
  }
  for (let slot = 0; slot < counts.length; slot++) {
    const first = slot
    while (slot < counts.length && counts[slot] === 0) slot++
    if (slot > first) put(first - slot)
    if (slot < counts.length) put(counts[slot]!)
  }
  return at
}
