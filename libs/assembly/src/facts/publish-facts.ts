import type { Entry, LogPublisher } from '@tidemark/log'
import type { EpochMs, Offset } from '@tidemark/model'
import type { Connection } from '../connection.ts'
import { factPlacement } from './fact-placement.ts'
import type { FactRecord } from './fact-record.ts'
import { factStamps, type FactStamps } from './fact-stamps.ts'

/** A record that a fact stands in now. */
export type FactPlace = {
  readonly partition: number
  readonly offset: Offset
  readonly timestampMs: EpochMs
}

export type PublishedFact<F extends FactRecord = FactRecord> = {
  readonly fact: F
  /** One of a service fact, one in each partition of a control fact; sorted by partition. */
  readonly places: readonly FactPlace[]
}

/**
 * Appends facts, in their order for each partition: those about a service to its partition, control facts to every one. All of them are
 * looked at before the first is appended (FactError). After any other error some are in the log and some are not; to publish all of them
 * again is harmless, for facts say the same however often they are said.
 */
export const publishFacts = async <F extends FactRecord>(
  { log, layout }: Connection,
  facts: readonly F[],
): Promise<readonly PublishedFact<F>[]> => {
  if (facts.length === 0) return []
  const stamps = await factStamps(log, layout)
  const lanes = lanesOf(facts, layout, stamps)
  const places = facts.map((): FactPlace[] => [])
  const publisher = await log.publisher()
  try {
    const waiting = [...lanes]
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await appendLane(publisher, ...next, places)
    }
    await Promise.all(Array.from({ length: lanesAtOnce }, work))
  } finally {
    await publisher.close()
  }
  return facts.map((fact, i) => ({
    fact,
    places: places[i]!.toSorted((a, b) => a.partition - b.partition),
  }))
}

const lanesAtOnce = 16
/** Of one append; keys count as well. */
const sendBytes = 800_000
const sendEntries = 2000

/** What goes to one partition, with the index of its fact. */
type Lane = readonly LaneEntry[]
type LaneEntry = { readonly index: number; readonly entry: Entry & { readonly key: Uint8Array } }

const lanesOf = (
  facts: readonly FactRecord[],
  layout: Connection['layout'],
  stamps: FactStamps,
): ReadonlyMap<number, Lane> => {
  const lanes = new Map<number, LaneEntry[]>()
  for (const [index, fact] of facts.entries()) {
    const { key, value, partitions } = factPlacement(fact, layout.partitions)
    for (const partition of partitions) {
      const lane = lanes.get(partition) ?? []
      lanes.set(partition, lane)
      const stampMs = stamps.stamp(partition, fact)
      const entry =
        layout.timestamps === 'producer' ? { key, value, timestampMs: stampMs } : { key, value }
      lane.push({ index, entry })
    }
  }
  return lanes
}

const appendLane = async (
  publisher: LogPublisher,
  partition: number,
  lane: Lane,
  places: FactPlace[][],
): Promise<void> => {
  for (let from = 0; from < lane.length;) {
    const piece = pieceFrom(lane, from)
    const entries = piece.map(({ entry }) => entry)
    const { baseOffset, timestampMs } = await publisher.append('facts', partition, entries)
    for (const [i, { index, entry }] of piece.entries())
      places[index]!.push({
        partition,
        offset: (baseOffset + i) as Offset,
        timestampMs: entry.timestampMs ?? timestampMs,
      })
    from += piece.length
  }
}

const pieceFrom = (lane: Lane, from: number): Lane => {
  let bytes = 0
  let end = from
  for (; end < lane.length && end - from < sendEntries; end++) {
    const { key, value } = lane[end]!.entry
    bytes += key.length + value.length
    if (bytes > sendBytes && end > from) break
  }
  return lane.slice(from, end)
}
