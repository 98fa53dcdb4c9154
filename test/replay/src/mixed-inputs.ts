import type { InMemoryEntry } from '@tidemark/assembly'
import { decode, encode } from '@tidemark/codec'
import {
  inputTopics,
  isFact,
  type InputEvent,
  type Layout,
  type RequestObserved,
} from '@tidemark/model'
import { virtualEntries } from '@tidemark/simulator'
import {
  faultByName,
  loneFaultNames,
  live,
  services,
  trafficOf,
  virtualStartUs,
  type Fault,
  type LoneFaultName,
} from '@tidemark/traffic'
import { mixedFacts } from './mixed-facts.ts'
import { randomOf, type Random } from './random.ts'

const second = 1_000_000

/**
 * Minutes of live traffic in which every fault has its turn, with facts of every kind, and between its records what producers should not send:
 * repeats, late and future events, batches with some of each, records that do not decode, and a partition that nobody looks after for a
 * while.
 */
export const mixedInputs = (
  seed: number,
  layout: Layout,
  options: { readonly minutes: number; readonly rate: number; readonly facts?: boolean },
): readonly InMemoryEntry[] => {
  const random = randomOf(seed)
  const durationUs = options.minutes * 60 * second
  const traffic = trafficOf(live({ durationUs, rate: options.rate, rhythm: null }), {
    seed,
    faults: loneFaultNames.map((name) => faultAtRandom(random, name, durationUs)),
  })
  const isUnwatched = unwatchedStretch(random, layout, durationUs)
  const facts = options.facts === false ? [] : mixedFacts(random, layout, durationUs)
  const inputs: InMemoryEntry[] = []
  for (const input of virtualEntries(traffic, layout, facts)) {
    if (isUnwatched(input)) continue
    inputs.push(input)
    if (input.entry.key !== null && random.share() < strayShare) inputs.push(stray(random, input))
  }
  return inputs
}

const strayShare = 0.05

const faultAtRandom = (random: Random, name: LoneFaultName, durationUs: number): Fault => {
  const fromUs = virtualStartUs + random.integer(0, durationUs / second - 1) * second
  const { service } = random.pick(services)
  return faultByName(name, service, fromUs, fromUs + random.integer(5, 60) * second)
}

/** Longer than what is quietly bridged: max(one window, three tick intervals). */
const unwatchedStretch = (
  random: Random,
  { partitions }: Layout,
  durationUs: number,
): ((input: InMemoryEntry) => boolean) => {
  const ofTopic = random.pick(inputTopics)
  const ofPartition = random.integer(0, partitions - 1)
  const fromMs = virtualStartUs / 1000 + random.integer(0, durationUs / 1000)
  const toMs = fromMs + random.integer(12, 60) * 1000
  return ({ topic, partition, entry: { timestampMs } }) =>
    topic === ofTopic && partition === ofPartition && timestampMs > fromMs && timestampMs < toMs
}

/** A record that its partition should not have got, at the position behind `input`. */
const stray = (random: Random, { topic, partition, entry }: InMemoryEntry): InMemoryEntry => {
  const value = entry.value!
  const withValue = (changed: Uint8Array | null): InMemoryEntry => ({
    ...{ topic, partition, entry: { ...entry, value: changed } },
  })
  const moved = (seconds: number): InMemoryEntry => withValue(movedBy(value, seconds * second))
  return random.pick([
    () => withValue(value),
    () => moved(-random.integer(1, 120)),
    () => moved(random.integer(11, 4000)),
    () => moved(random.integer(0, 9)),
    () => (topic === 'requests' ? withValue(batchLike(random, value)) : withValue(value)),
    () => withValue(null),
    () => withValue(random.bytes(random.integer(0, 32))),
    () => withValue(value.subarray(0, random.integer(0, value.length - 1))),
    () => ({ topic, partition, entry: { ...entry, key: random.bytes(4) } }),
    // A producer's clock may go back; the stream clock does not.
    () => ({
      ...{ topic, partition },
      entry: { ...entry, timestampMs: entry.timestampMs - random.integer(1, 30_000) },
    }),
  ])()
}

type Dated = Extract<InputEvent, { atUs: number }>

const eventIn = (value: Uint8Array): Dated => {
  const decoded = decode(value)
  if (!decoded.ok || !('atUs' in decoded.event)) throw new Error('an event of the traffic')
  return decoded.event
}

/** Another event of the same kind, at another time, that nothing tells from others like it. A fact stays the same one. */
const movedBy = (value: Uint8Array, us: number): Uint8Array => {
  const event = eventIn(value)
  const atUs = event.atUs + us
  return encode(isFact(event) ? { ...event, atUs } : { ...event, id: null, atUs })
}

/** A batch around the time of a request: some of its events in time, some late, some in the future. */
const batchLike = (random: Random, value: Uint8Array): Uint8Array => {
  const { id, service, operation, atUs } = eventIn(value) as RequestObserved
  const count = random.integer(1, 40)
  const column = (draw: () => number): number[] => Array.from({ length: count }, draw)
  return encode({
    type: 'RequestBatch',
    // Of a request: other batches have others, unless it is repeated.
    batchId: id!,
    service,
    baseUs: atUs,
    operations: [operation, 'GET /batch'],
    deltaUs: column(() => random.integer(-40, 20) * random.integer(0, second)),
    latencyUs: column(() => random.integer(0, 2_000_000)),
    status: column(() => random.pick([200, 404, 500])),
    operation: column(() => random.integer(0, 1)),
    failures: Array.from({ length: count }, (_, i) => i).filter(() => random.share() < 0.1),
  })
}
