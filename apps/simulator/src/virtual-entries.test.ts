import { describe, expect, it } from '@jest/globals'
import { decode } from '@tidemark/codec'
import { defaultLayout, inputTopics, type Fact, type Layout } from '@tidemark/model'
import {
  capstone,
  faultByName,
  live,
  services,
  trafficOf,
  virtualStartUs,
  type Traffic,
} from '@tidemark/traffic'
import { partitionOf } from '@tidemark/wire'
import fc from 'fast-check'
import { virtualEntries, type VirtualEntry } from './virtual-entries.ts'

const second = 1_000_000
const anyLayout = fc
  .record({
    partitions: fc.integer({ min: 1, max: 7 }),
    windowUs: fc.constantFrom(1, 5, 10, 60).map((seconds) => seconds * second),
    graceUs: fc.integer({ min: 0, max: 9000 }).map((ms) => ms * 1000),
    tickIntervalMs: fc.integer({ min: 200, max: 5000 }),
  })
  .map((some): Layout => ({ ...defaultLayout, ...some, timestamps: 'producer' }))

const anyTraffic = fc
  .record({
    seed: fc.nat(),
    durationUs: fc.integer({ min: 1, max: 40 * second }),
    fault: fc.constantFrom('late-events', 'clock-skew', 'silent-producer', 'duplicates'),
    only: fc.subarray([...services], { minLength: 1 }),
  })
  .map(({ seed, durationUs, fault, only }) =>
    trafficOf(live({ durationUs, rate: 0.2, rhythm: null }), {
      seed,
      services: only,
      faults: [faultByName(fault, only[0]!.service, virtualStartUs, virtualStartUs + 20 * second)],
    }),
  )

const run = fc.tuple(anyTraffic, anyLayout)

const byPartition = (entries: Iterable<VirtualEntry>): readonly VirtualEntry[][] => {
  const partitions = new Map<string, VirtualEntry[]>()
  for (const one of entries) {
    const name = `${one.topic}/${one.partition}`
    partitions.set(name, [...(partitions.get(name) ?? []), one])
  }
  return [...partitions.values()]
}

const isTick = ({ entry }: VirtualEntry): boolean => entry.key === null

describe('virtualEntries', () => {
  it('stamps each event with the moment of its sending, in the partition of its service', () => {
    fc.assert(
      fc.property(run, ([traffic, layout]) => {
        const sent = [...traffic.events()]
        const events = [...virtualEntries(traffic, layout)].filter((one) => !isTick(one))
        expect(events).toHaveLength(sent.length)
        for (const [i, { topic, partition, entry }] of events.entries()) {
          const { sentUs, event } = sent[i]!
          expect(decode(entry.value)).toEqual({ ok: true, event })
          expect(entry.timestampMs).toBe(Math.floor(sentUs / 1000))
          expect(new TextDecoder().decode(entry.key)).toBe(event.service)
          expect(partition).toBe(partitionOf(entry.key!, layout.partitions))
          expect(topic).toBe(event.type === 'RequestObserved' ? 'requests' : 'health-checks')
        }
      }),
      { numRuns: 30 },
    )
  })

  it('leaves no partition of any input without a record for longer than the tick interval', () => {
    fc.assert(
      fc.property(run, ([traffic, layout]) => {
        const partitions = byPartition(virtualEntries(traffic, layout))
        expect(partitions).toHaveLength(inputTopics.length * layout.partitions)
        for (const entries of partitions) {
          expect(entries[0]!.entry.timestampMs).toBe(Math.floor(traffic.startUs / 1000))
          for (let i = 1; i < entries.length; i++) {
            const gapMs = entries[i]!.entry.timestampMs - entries[i - 1]!.entry.timestampMs
            expect(gapMs).toBeGreaterThanOrEqual(0)
            expect(gapMs).toBeLessThanOrEqual(layout.tickIntervalMs)
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('ends every partition with a tick at the least timestamp that closes all windows', () => {
    fc.assert(
      fc.property(run, ([traffic, layout]) => {
        const partitions = byPartition(virtualEntries(traffic, layout))
        const last = new Set(partitions.map((entries) => entries.at(-1)!.entry.timestampMs))
        expect(partitions.every((entries) => isTick(entries.at(-1)!))).toBe(true)
        expect([...last]).toEqual([leastCloseMs(traffic, layout)])
      }),
      { numRuns: 30 },
    )
  })

  it('ends the capstone as soon as its one window closes', () => {
    const ends = byPartition(virtualEntries(trafficOf(capstone()), defaultLayout))
    for (const entries of ends)
      expect(entries.at(-1)!.entry.timestampMs * 1000).toBe(virtualStartUs + 15 * second)
  })

  it('says facts at their own time, control facts in every partition, and keeps all else as it is', () => {
    const layout: Layout = { ...defaultLayout, partitions: 3, timestamps: 'producer' }
    const traffic = trafficOf(live({ durationUs: 20 * second, rate: 0.2, rhythm: null }), {
      seed: 3,
    })
    const fields = { by: null, note: null }
    const uuid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`
    const silence = (n: number, afterUs: number): Fact => ({
      ...{ type: 'SilenceExpired', id: uuid(n), ...fields, silenceId: uuid(0) },
      atUs: traffic.startUs + afterUs,
    })
    const deployment: Fact = {
      ...{ type: 'DeploymentFinished', id: uuid(4), ...fields },
      ...{ atUs: traffic.startUs + 5_000_700, service: 'api-gateway', deployment: 'v1' },
    }
    const facts = [silence(1, 12 * second), silence(2, -60 * second), silence(3, 60 * second)]
    const without = [...virtualEntries(traffic, layout)]
    const entries = [...virtualEntries(traffic, layout, [...facts, deployment])]
    const said = entries.filter(({ topic, entry }) => topic === 'facts' && entry.key !== null)
    const seconds = said.map(({ partition, entry }) => [
      partition,
      entry.timestampMs - traffic.startUs / 1000,
    ])
    const own = partitionOf(new TextEncoder().encode('api-gateway'), 3)
    expect(seconds).toEqual([
      ...[0, 1, 2].map((partition) => [partition, 0]),
      [own, 5000],
      ...[0, 1, 2].map((partition) => [partition, 12_000]),
    ])
    const isOfFacts = ({ topic }: VirtualEntry): boolean => topic === 'facts'
    const rest = (all: readonly VirtualEntry[]) => all.filter((one) => !isOfFacts(one))
    expect(rest(entries)).toEqual(rest(without))
    for (const partition of byPartition(entries)) {
      const stamps = partition.map(({ entry }) => entry.timestampMs)
      expect(stamps).toEqual(stamps.toSorted((a, b) => a - b))
      const gaps = stamps.slice(1).map((ms, i) => ms - stamps[i]!)
      expect(Math.max(...gaps)).toBeLessThanOrEqual(layout.tickIntervalMs)
    }
  })
})

/** By the definition: the first millisecond at which no accepted event's window, nor the traffic's last one, is open. */
const leastCloseMs = (traffic: Traffic, { windowUs, graceUs, maxFutureSkewUs }: Layout): number => {
  const sent = [...traffic.events()]
  const accepted = sent.filter(
    ({ sentUs, event }) => event.atUs <= Math.floor(sentUs / 1000) * 1000 + maxFutureSkewUs,
  )
  const closes = [traffic.endUs! - 1, ...accepted.map(({ event }) => event.atUs)].map(
    (atUs) => ((Math.floor(atUs / windowUs) + 1) * windowUs + graceUs) / 1000,
  )
  return Math.max(...closes, ...sent.map(({ sentUs }) => Math.floor(sentUs / 1000)))
}
