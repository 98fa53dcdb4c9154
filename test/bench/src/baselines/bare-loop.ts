import { writeFileSync } from 'node:fs'
import { openRawConnection, twoBuffers } from '../kafka/raw-connection.ts'

// The ceiling: what the job costs when nothing is checked and nothing is kept. Fetch requests of its own, records walked in place, three fields
// of an event read, counts and a histogram for each service and window. No identities, operations, ledger, evidence or checksums, no group,
// no commits: a crash loses everything. Reads single events of one layout only. Frozen: it is what others are compared with.
// Arguments: address of the broker, topic, partitions, records, file for the closed windows. Prints one line of JSON.

const [broker, topic, partitionsGiven, recordsGiven, file] = process.argv.slice(2)
const partitions = Number(partitionsGiven)
const records = Number(recordsGiven)

const windowUs = 10_000_000
const graceUs = 5_000_000
const slots = 3072
const fetchBytesMax = 1024 * 1024

type Counts = { count: number; errors: number; maxUs: number; readonly slots: Int32Array }
type Window = { readonly startUs: number; readonly counts: Map<string, Counts> }
type Partition = { nextOffset: number; clockMs: number; nextCloseMs: number; windows: Window[] }

/** Service, start, count, errors, maximum, slots in use with their counts. */
const closed: string[] = []

const close = (of: Partition): void => {
  const isDue = ({ startUs }: Window) => startUs + windowUs + graceUs <= of.clockMs * 1000
  for (const { startUs, counts } of of.windows.filter(isDue))
    for (const [service, { count, errors, maxUs, slots }] of counts) {
      const used = [...slots.entries()].filter(([, n]) => n > 0)
      closed.push(JSON.stringify([service, startUs, count, errors, maxUs, used]))
    }
  of.windows = of.windows.filter((window) => !isDue(window))
  const closesMs = of.windows.map(({ startUs }) => (startUs + windowUs + graceUs) / 1000)
  of.nextCloseMs = Math.min(...closesMs)
}

const countsOf = (of: Partition, service: string, atUs: number): Counts | null => {
  const startUs = atUs - (atUs % windowUs)
  let window = of.windows.find((open) => open.startUs === startUs)
  if (window === undefined) {
    if (startUs + windowUs + graceUs <= of.clockMs * 1000) return null
    of.windows.push((window = { startUs, counts: new Map() }))
    of.nextCloseMs = Math.min(of.nextCloseMs, (startUs + windowUs + graceUs) / 1000)
  }
  let counts = window.counts.get(service)
  if (counts === undefined)
    window.counts.set(
      service,
      (counts = { count: 0, errors: 0, maxUs: -1, slots: new Int32Array(slots) }),
    )
  return counts
}

// One position that every function below moves.
let bytes: Buffer = Buffer.alloc(0)
let at = 0

const number = (): number => {
  let byte = bytes[at++]!
  if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
  let low = byte & 127
  byte = bytes[at++]!
  low |= (byte & 127) << 7
  if (byte < 128) return (low >>> 1) ^ -(low & 1)
  byte = bytes[at++]!
  low |= (byte & 127) << 14
  if (byte < 128) return (low >>> 1) ^ -(low & 1)
  byte = bytes[at++]!
  low |= (byte & 127) << 21
  if (byte < 128) return (low >>> 1) ^ -(low & 1)
  let value = low
  for (let scale = 0x1000_0000; byte >= 128; scale *= 128) {
    byte = bytes[at++]!
    value += (byte & 127) * scale
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

/** A key or a name. Not `at += number()`, which would take `at` as it was before the length was read. */
const skipBytes = (): void => {
  const length = number()
  at += length
}

const names: ({ readonly bytes: Buffer; readonly name: string } | undefined)[] = []
const nameMask = 4095

const name = (): string => {
  const length = number()
  const start = at
  at += length
  let hash = length
  for (let i = start; i < at; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
  for (let slot = hash & nameMask; ; slot = (slot + 1) & nameMask) {
    const found = names[slot]
    if (found === undefined) {
      const copy = Buffer.from(bytes.subarray(start, at))
      const added = { bytes: copy, name: copy.toString() }
      names[slot] = added
      return added.name
    }
    if (found.bytes.length === length && isThere(found.bytes, start)) return found.name
  }
}

const isThere = (wanted: Buffer, start: number): boolean => {
  for (let i = 0; i < wanted.length; i++) if (wanted[i] !== bytes[start + i]) return false
  return true
}

/** Frame 10, presence 1, id 16, then service, operation, time, latency, status, success. */
const place = (of: Partition): void => {
  at += 27
  const service = name()
  skipBytes()
  const atUs = number()
  const latencyUs = number()
  number()
  const counts = countsOf(of, service, atUs)
  if (counts === null) return
  counts.count++
  if (bytes[at] === 0) counts.errors++
  if (latencyUs > counts.maxUs) counts.maxUs = latencyUs
  const octave = 24 - Math.clz32(latencyUs | 255)
  counts.slots[octave * 128 + (latencyUs >>> octave)]!++
}

const states = Array.from({ length: partitions }, (): Partition => ({
  nextOffset: 0,
  clockMs: 0,
  nextCloseMs: Infinity,
  windows: [],
}))
let seen = 0

const int64 = (position: number): number =>
  bytes.readInt32BE(position) * 0x1_0000_0000 + bytes.readUInt32BE(position + 4)

/** Whole batches only: a fetch may end within one. */
const walk = (of: Partition, start: number, end: number): void => {
  for (let batch = start; batch + 61 <= end;) {
    const batchEnd = batch + 12 + bytes.readInt32BE(batch + 8)
    if (batchEnd > end) return
    const baseMs = int64(batch + 27)
    const count = bytes.readInt32BE(batch + 57)
    at = batch + 61
    for (let i = 0; i < count; i++) {
      const length = number()
      const recordEnd = at + length
      at++
      const clockMs = baseMs + number()
      number()
      skipBytes()
      number()
      if (clockMs > of.clockMs) of.clockMs = clockMs
      if (of.clockMs >= of.nextCloseMs) close(of)
      place(of)
      at = recordEnd
    }
    seen += count
    of.nextOffset = int64(batch) + bytes.readInt32BE(batch + 23) + 1
    batch = batchEnd
  }
}

/** Fetch v11 of all partitions, beginning with another one every time. */
const question = (turn: number): Buffer => {
  const topicName = Buffer.from(topic!)
  const head = Buffer.alloc(35 + topicName.length)
  head.writeInt32BE(-1, 0)
  head.writeInt32BE(500, 4)
  head.writeInt32BE(1, 8)
  head.writeInt32BE(partitions * fetchBytesMax, 12)
  head.writeInt32BE(-1, 21)
  head.writeInt32BE(1, 25)
  head.writeInt16BE(topicName.length, 29)
  topicName.copy(head, 31)
  head.writeInt32BE(partitions, 31 + topicName.length)
  const wanted = states.map((_, i) => {
    const partition = (i + turn) % partitions
    const want = Buffer.alloc(28)
    want.writeInt32BE(partition, 0)
    want.writeInt32BE(-1, 4)
    want.writeBigInt64BE(BigInt(states[partition]!.nextOffset), 8)
    want.writeBigInt64BE(-1n, 16)
    want.writeInt32BE(fetchBytesMax, 24)
    return want
  })
  return Buffer.concat([head, ...wanted, Buffer.alloc(6)])
}

const workOff = (answer: Buffer): void => {
  bytes = answer
  let field = 14
  field += 2 + bytes.readInt16BE(field)
  const answered = bytes.readInt32BE(field)
  field += 4
  for (let i = 0; i < answered; i++) {
    const partition = states[bytes.readInt32BE(field)]!
    const error = bytes.readInt16BE(field + 4)
    if (error !== 0) throw new Error(`fetch: the broker answers with error ${error}`)
    const aborted = Math.max(0, bytes.readInt32BE(field + 30))
    const start = field + 42 + 16 * aborted
    field = start + Math.max(0, bytes.readInt32BE(start - 4))
    walk(partition, start, field)
  }
}

const connection = await openRawConnection(broker!, twoBuffers())
let answer = await connection.ask(1, 11, question(0))
const startMs = performance.now()
const before = process.cpuUsage()
for (let turn = 1; ; turn++) {
  workOff(answer)
  if (seen >= records) break
  answer = await connection.ask(1, 11, question(turn))
}
const { user, system } = process.cpuUsage(before)
const wallMs = performance.now() - startMs
connection.close()
writeFileSync(file!, closed.join('\n'))
const residentBytesMax = process.resourceUsage().maxRSS * 1024
console.log(
  JSON.stringify({ records: seen, wallMs, cpuMs: (user + system) / 1000, residentBytesMax }),
)
