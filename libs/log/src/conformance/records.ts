import type { Offset, RecordBatches, TopicName } from '@tidemark/model'
import type { Log } from '../log.ts'

export type ReadRecord = {
  readonly offset: number
  readonly timestampMs: number
  readonly key: string | null
  readonly value: string
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** All records of a partition from a position to its end. */
export const readAll = async (
  log: Log,
  topic: TopicName,
  partition: number,
  from = 0,
): Promise<readonly ReadRecord[]> => {
  const records: ReadRecord[] = []
  for (let position = from as Offset; ;) {
    const batches = await log.read({ topic, partition, fromOffset: position })
    records.push(...recordsIn(batches))
    if (batches.nextOffset >= batches.endOffset) return records
    position = batches.nextOffset
  }
}

export const valuesIn = (batches: RecordBatches): readonly string[] =>
  recordsIn(batches).map(({ value }) => value)

/**
 * The records of batches in Kafka's format v2 (kafka.apache.org/documentation, "Record Batch"), read as plainly as possible and by
 * nothing that an adapter uses. Control batches are passed over, as are records below the position.
 */
export const recordsIn = ({ bytes, fromOffset }: RecordBatches): readonly ReadRecord[] => {
  const records: ReadRecord[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let start = 0; start < bytes.length; start += 12 + view.getInt32(start + 8)) {
    const attributes = view.getInt16(start + 21)
    const isControl = (attributes & 0x20) !== 0
    const appendTimeMs = (attributes & 0x08) !== 0 ? Number(view.getBigInt64(start + 35)) : null
    const baseMs = Number(view.getBigInt64(start + 27))
    const input = { bytes, at: start + 61 }
    for (let left = view.getInt32(start + 57); left > 0; left--) {
      const record = readRecord(input)
      const offset = Number(view.getBigInt64(start)) + record.offsetDelta
      const timestampMs = appendTimeMs ?? baseMs + record.timestampDeltaMs
      const { key, value } = record
      if (!isControl && offset >= fromOffset) records.push({ offset, timestampMs, key, value })
    }
  }
  return records
}

type Input = { readonly bytes: Uint8Array; at: number }

/** Length, attributes, timestamp delta, offset delta, key, value, number of headers: none here. */
const readRecord = (input: Input) => {
  readVarint(input)
  input.at++
  const timestampDeltaMs = readVarint(input)
  const offsetDelta = readVarint(input)
  const key = readText(input)
  const value = readText(input) ?? ''
  readVarint(input)
  return { timestampDeltaMs, offsetDelta, key, value }
}

const readText = (input: Input): string | null => {
  const length = readVarint(input)
  if (length < 0) return null
  input.at += length
  return textOf(input.bytes.subarray(input.at - length, input.at))
}

const readVarint = (input: Input): number => {
  let zigzag = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = input.bytes[input.at++]!
    zigzag |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return Number((zigzag >> 1n) ^ -(zigzag & 1n))
  }
}
