import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInMemory, type InMemoryEntry, type Schedule } from '@tidemark/assembly'
import { decode, encode } from '@tidemark/codec'
import {
  defaultLayout,
  isFact,
  type AlertRaised,
  type Configuration,
  type Layout,
} from '@tidemark/model'
import { catalogOf } from '@tidemark/evaluation'
import { liveServices, virtualEntries } from '@tidemark/simulator'
import { sink } from '@tidemark/sink'
import { openSqlite, openStore } from '@tidemark/store'
import { faultByName, live, services, trafficOf, virtualStartUs } from '@tidemark/traffic'
import { processorsOf } from '../../processors.ts'
import { derivedEventsOf, eventsOf } from '../derived-events.ts'
import type { Attempt, Evidence, StoreContents } from '../evidence.ts'
import { evidenceOfMemory } from '../of-memory.ts'
import { storeContentsOf } from '../store-contents.ts'
import { cleanFacts, piecesOf, withFacts } from './clean-facts.ts'

const second = 1_000_000

export const layout: Layout = {
  ...defaultLayout,
  partitions: 2,
  timestamps: 'producer',
  limits: { ...defaultLayout.limits, restoreBudgetEvents: 40, maxAheadMs: 30_000 },
  // One is left out, so that there is a service that nobody registered.
  configuration: { ...defaultLayout.configuration, services: liveServices.slice(1) },
}

/** An outage of minutes among ordinary traffic, and after some of its records what producers should not send. */
export const inputsWithEverything = (): readonly InMemoryEntry[] => {
  const fromUs = virtualStartUs + 60 * second
  const outage = faultByName('down', services[2]!.service, fromUs, fromUs + 60 * second)
  const scenario = live({ durationUs: 240 * second, rate: 0.06 })
  const traffic = trafficOf(scenario, { seed: 3, faults: [outage] })
  let keyed = 0
  return [...virtualEntries(traffic, layout)].flatMap((input) => {
    const { entry } = input
    if (entry.key === null || ++keyed % 9 !== 0) return [input]
    const stray = strays[(keyed / 9) % strays.length]!
    return [input, { ...input, entry: { ...entry, value: stray(entry.value) } }]
  })
}

const moved = (value: Uint8Array, us: number): Uint8Array => {
  const decoded = decode(value)
  if (!decoded.ok || !('atUs' in decoded.event) || isFact(decoded.event))
    throw new Error('an event of the traffic')
  return encode({ ...decoded.event, id: null, atUs: decoded.event.atUs + us })
}

/** A repeat, late, in the future, cut off, without a frame, nothing. */
const strays: readonly ((value: Uint8Array) => Uint8Array | null)[] = [
  (value) => value,
  (value) => moved(value, -40 * second),
  (value) => moved(value, 400 * second),
  (value) => value.subarray(0, value.length - 1),
  () => Uint8Array.of(1, 2, 3),
  () => null,
]

/** Small batches, frequent commits, and an end now and then, orderly or not; after 40 of them it goes on undisturbed. */
const rough = (): Schedule => {
  let batches = 0
  let ends = 0
  return {
    batchRecords: () => 9,
    source: (count) => batches % count,
    after: () => {
      batches++
      if (batches % 23 !== 0 || ends >= 40) return batches % 2 === 0 ? 'commit' : 'go-on'
      ends++
      return ends % 2 === 0 ? 'crash' : 'restart'
    },
  }
}

/** In force from the middle of the run on: without one rule, and with a service less. */
const secondConfiguration: Configuration = {
  ...layout.configuration,
  services: liveServices.slice(2),
  rules: layout.configuration.rules.filter(({ id }) => id !== 'error-rate'),
}

/** With facts, of which an answer needs an alert that was raised without it. */
const inputsWithFacts = async (): Promise<readonly InMemoryEntry[]> => {
  const inputs = inputsWithEverything()
  const { service } = services[2]!
  const factsFor = (raised: readonly AlertRaised[]) =>
    withFacts(
      inputs,
      cleanFacts(virtualStartUs, service, secondConfiguration, raised),
      layout.partitions,
    )
  const catalog = piecesOf(secondConfiguration)
  const before = await evidenceOfMemory(
    layout,
    await processorsOf(layout, catalogOf([secondConfiguration])),
    [...catalog, ...factsFor([])],
  )
  const raised = eventsOf(derivedEventsOf(before), 'AlertRaised').map(({ event }) => event)
  return [...catalog, ...factsFor(raised)]
}

/** Everything that can be observed of a run in which nothing went wrong that should not. */
export const cleanRun = async (): Promise<Evidence> => {
  const inputs = await inputsWithFacts()
  const evidence = await evidenceOfMemory(
    layout,
    await processorsOf(layout, catalogOf([secondConfiguration])),
    inputs,
    rough(),
  )
  const attempts = [...evidence.inputs, ...evidence.catalog]
    .filter(({ key }) => key !== null)
    .map(({ topic, partition, offset, key, value }): Attempt => ({
      ...{ topic, partition, entries: [{ key, value }] },
      outcome:
        offset % 5 === 0 ? { kind: 'unknown' } : { kind: 'acknowledged', baseOffset: offset },
    }))
  const contents = await stored(evidence)
  const assessed = contents.assessments[0]!
  const version = { row: assessed.service, version: assessed.windowEndUs }
  const moments = [{ positions: contents.positions, versions: [version] }]
  return { ...evidence, attempts, store: { contents, moments } }
}

/** What the sink makes of the derived topics. */
const stored = async ({ derived }: Evidence): Promise<StoreContents> => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-'))
  const file = join(folder, 'store.sqlite')
  const { processor, close } = await sink.open({ layout, store: file })
  const inputs = derived.map(({ topic, partition, timestampMs, key, value }) => ({
    ...{ topic, partition, entry: { timestampMs, key, value } },
  }))
  await runInMemory({ layout, processors: [processor], inputs })
  await close()
  const store = await openStore(openSqlite(file), { readOnly: true })
  const slices = eventsOf(derivedEventsOf({ derived }), 'FleetSlice')
  const ends = new Set(slices.map(({ event }) => event.windowEndUs))
  const contents = await storeContentsOf(store, ends)
  await store.close()
  rmSync(folder, { recursive: true })
  return contents
}
