import { factPlacement } from '@tidemark/assembly'
import { tick } from '@tidemark/codec'
import type { Entry } from '@tidemark/log'
import {
  epochMs,
  inputTopics,
  windowStartOf,
  type EpochMs,
  type Fact,
  type InputTopic,
  type Layout,
} from '@tidemark/model'
import type { Traffic } from '@tidemark/traffic'
import { placementOf } from './placement.ts'

/** What a producer that stamps its records itself appends, in this order. */
export type VirtualEntry = {
  readonly topic: InputTopic
  readonly partition: number
  readonly entry: Entry & { readonly timestampMs: EpochMs }
}

/**
 * Traffic with an end as entries in virtual time. A record is stamped with the moment that its event is sent, so stamps never go
 * back. Whoever stamps the records writes the ticks as well: one at the beginning and one after each quiet tick interval, in every
 * partition, so that no stretch of virtual time is unwatched; the last ones carry the least timestamp that closes every window. Facts are said
 * at their own time, those of before at the beginning, those of after not at all.
 */
export function* virtualEntries(
  traffic: Traffic,
  layout: Layout,
  facts: readonly Fact[] = [],
): Generator<VirtualEntry> {
  const place = placementOf(layout.partitions)
  const clocks = tickClocks(Math.floor(traffic.startUs / 1000), layout)
  const endUs = traffic.endUs ?? traffic.startUs
  let closeUs = closeOf(endUs - 1, layout)
  const said = facts.toSorted((a, b) => a.atUs - b.atUs)
  yield* clocks.start()
  for (const { sentUs, event } of traffic.events()) {
    while (said[0] !== undefined && said[0].atUs <= sentUs)
      yield* entriesOfFact(said.shift()!, clocks, traffic, layout)
    const timestampMs = epochMs(Math.floor(sentUs / 1000))
    yield* clocks.advance(timestampMs)
    const { topic, partition, key, value } = place(event)
    clocks.stamped(topic, partition, timestampMs)
    yield { topic, partition, entry: { key, value, timestampMs } }
    // What is ahead of its record by more than the skew is refused, and opens no window.
    if (event.atUs <= timestampMs * 1000 + layout.maxFutureSkewUs)
      closeUs = Math.max(closeUs, closeOf(event.atUs, layout))
  }
  for (const fact of said)
    if (fact.atUs < endUs) yield* entriesOfFact(fact, clocks, traffic, layout)
  yield* clocks.finish(Math.ceil(closeUs / 1000))
}

function* entriesOfFact(
  fact: Fact,
  clocks: TickClocks,
  { startUs }: Traffic,
  { partitions }: Layout,
): Generator<VirtualEntry> {
  const timestampMs = epochMs(Math.floor(Math.max(fact.atUs, startUs) / 1000))
  yield* clocks.advance(timestampMs)
  const { partitions: places, ...entry } = factPlacement(fact, partitions)
  for (const partition of places) {
    clocks.stamped('facts', partition, timestampMs)
    yield { topic: 'facts', partition, entry: { ...entry, timestampMs } }
  }
}

/** When the window that holds `atUs` closes. */
const closeOf = (atUs: number, { windowUs, graceUs }: Layout): number =>
  windowStartOf(atUs, windowUs) + windowUs + graceUs

type TickClocks = {
  readonly start: () => Generator<VirtualEntry>
  readonly stamped: (topic: InputTopic, partition: number, timestampMs: EpochMs) => void
  /** Ticks of the partitions that are quiet when virtual time comes to `nowMs`. */
  readonly advance: (nowMs: number) => Generator<VirtualEntry>
  /** Ticks up to a last one in every partition, with the same timestamp: `endMs`, or later where a record is. */
  readonly finish: (endMs: number) => Generator<VirtualEntry>
}

/** The newest timestamp of every partition of every input. */
const tickClocks = (startMs: number, { partitions, tickIntervalMs }: Layout): TickClocks => {
  const lastMs = new Float64Array(inputTopics.length * partitions).fill(startMs)
  let dueMs = startMs + tickIntervalMs
  const tickAt = (slot: number, timestampMs: number): VirtualEntry => {
    lastMs[slot] = timestampMs
    const topic = inputTopics[Math.floor(slot / partitions)]!
    const entry = { key: null, value: tick, timestampMs: epochMs(timestampMs) }
    return { topic, partition: slot % partitions, entry }
  }
  function* advance(nowMs: number): Generator<VirtualEntry> {
    // Looking at every partition for every event would cost more than the events.
    if (nowMs < dueMs) return
    for (let slot = 0; slot < lastMs.length; slot++)
      for (let atMs = lastMs[slot]! + tickIntervalMs; atMs <= nowMs; atMs += tickIntervalMs)
        yield tickAt(slot, atMs)
    dueMs = lastMs.reduce((least, ms) => Math.min(least, ms), nowMs) + tickIntervalMs
  }
  return {
    *start() {
      for (let slot = 0; slot < lastMs.length; slot++) yield tickAt(slot, startMs)
    },
    stamped: (topic, partition, timestampMs) => {
      lastMs[inputTopics.indexOf(topic) * partitions + partition] = timestampMs
    },
    advance,
    *finish(endMs) {
      const flushMs = lastMs.reduce((most, ms) => Math.max(most, ms), endMs)
      yield* advance(flushMs - 1)
      for (let slot = 0; slot < lastMs.length; slot++) yield tickAt(slot, flushMs)
    },
  }
}
