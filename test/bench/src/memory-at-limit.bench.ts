import { spawnSync } from 'node:child_process'
import { aggregatorFold, ledgerOf } from '@tidemark/aggregation'
import { encode, inputSchemas } from '@tidemark/codec'
import { defaultLayout, offset, openWindowsMax } from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'

// What one aggregator task takes with its limits filled to the brim (I11), each case in a process of its own. Prints a line of JSON for
// each: resident bytes, heap and array buffers more than before, after a collection, and what that is per unit.
//   node --expose-gc test/bench/src/memory-at-limit.bench.ts

const startMs = 1_700_000_000_000
const { limits, windowUs } = defaultLayout
const open = openWindowsMax(defaultLayout)

type Case = {
  readonly events: number
  readonly unit: string
  readonly units: number
  /** Of event i: which service, operation, window and latency, and whether it has an id. */
  readonly event: (i: number) => {
    readonly service: number
    readonly operation: number
    readonly window: number
    readonly latencyUs: number
    readonly hasId: boolean
  }
}

const rows = limits.servicesPerWindow * open
/** As many operations as a window counts, over all its services, and one more in each service, which goes to the overflow there. */
const crowd = limits.operationsPerWindow + limits.servicesPerWindow
const placeInCrowd = (i: number) => {
  const { servicesPerWindow } = limits
  const service = i % servicesPerWindow
  return { service, operation: Math.floor((i % crowd) / servicesPerWindow), window: 0 }
}

const cases: Readonly<Record<string, Case>> = {
  'services x windows, 1 request each': {
    ...{ events: rows, unit: 'row', units: rows },
    event: (i) => ({
      ...{
        service: i % limits.servicesPerWindow,
        window: Math.floor(i / limits.servicesPerWindow),
      },
      ...{ operation: 0, latencyUs: 20_000, hasId: false },
    }),
  },
  'services x windows, 20 requests each': {
    ...{ events: 20 * rows, unit: 'row', units: rows },
    event: (i) => ({
      ...{
        service: i % limits.servicesPerWindow,
        window: Math.floor(i / (20 * limits.servicesPerWindow)),
      },
      ...{ operation: 0, latencyUs: 1000 + ((i * 7919) % 200_000), hasId: true },
    }),
  },
  'identities of one window': {
    ...{ events: limits.identitiesPerWindow, unit: 'identity', units: limits.identitiesPerWindow },
    event: (i) => ({ service: i % 50, operation: 0, window: 0, latencyUs: 5000, hasId: true }),
  },
  'operations of one window, 20 requests each': {
    ...{ events: 20 * crowd, unit: 'operation', units: crowd },
    event: (i) => ({
      ...placeInCrowd(i),
      ...{ latencyUs: 1000 + ((i * 7919) % 200_000), hasId: false },
    }),
  },
  'operations of one window, latencies over the whole range': {
    // The least that makes a histogram leave its list of few, with all its octaves.
    ...{ events: 65 * crowd, unit: 'operation', units: crowd },
    event: (i) => ({
      ...placeInCrowd(i),
      ...{ latencyUs: Math.floor(i / crowd) % 2 === 0 ? 0 : 600_000_000, hasId: false },
    }),
  },
  '100 services x operations x windows, latencies over the whole range': {
    ...{ events: 100 * limits.operationsPerServiceWindow * open * 70, unit: 'operation' },
    units: 100 * limits.operationsPerServiceWindow * open,
    event: (i) => {
      const perWindow = 100 * limits.operationsPerServiceWindow
      const place = i % (perWindow * open)
      return {
        ...{ service: place % 100, window: Math.floor(place / perWindow) },
        operation: Math.floor(place / 100) % limits.operationsPerServiceWindow,
        latencyUs: Math.floor(1.2 ** (Math.floor(i / (perWindow * open)) * 1.5)) % 600_000_000,
        hasId: false,
      }
    },
  },
}

const measure = (name: string, { events, unit, units, event }: Case): void => {
  const collect = (): NodeJS.MemoryUsage => {
    globalThis.gc?.()
    globalThis.gc?.()
    return process.memoryUsage()
  }
  const fold = aggregatorFold({
    ...{ layout: defaultLayout, partition: 0, schemas: inputSchemas, checkpoint: null },
  })
  const valueOf = (i: number) => {
    const { service, operation, window, latencyUs, hasId } = event(i)
    const id = `${i.toString(16).padStart(8, '0')}-1234-4000-8000-00000000abcd`
    const value = encode({
      ...{ type: 'RequestObserved', id: hasId ? id : null, service: `service-${service}` },
      ...{ operation: `GET /${operation}`, latencyUs, status: 200, success: true },
      atUs: startMs * 1000 + window * windowUs,
    })
    return { key: encodeUtf8(`service-${service}`), value, timestampMs: startMs + 10_000 }
  }
  const before = collect()
  for (let from = 0; from < events; from += 1000) {
    const to = Math.min(events, from + 1000)
    const entries = Array.from({ length: to - from }, (_, k) => valueOf(from + k))
    fold.feed({
      ...{ topic: 'requests', partition: 0, bytes: writeRecordBatch(entries, from) },
      ...{ fromOffset: offset(from), nextOffset: offset(to), endOffset: offset(events) },
    })
    while (fold.work(10_000, () => undefined));
  }
  const after = collect()
  const ledger = ledgerOf(fold.checkpoint()).find(({ topic }) => topic === 'requests')!.ledger
  const more = (of: 'rss' | 'heapUsed' | 'arrayBuffers'): number => after[of] - before[of]
  const mb = (bytes: number): number => Math.round(bytes / 1e5) / 10
  const held = more('heapUsed') + more('arrayBuffers')
  console.log(
    JSON.stringify({
      ...{ case: name, aggregated: ledger.aggregated, units, residentMB: mb(more('rss')) },
      ...{ heapMB: mb(more('heapUsed')), buffersMB: mb(more('arrayBuffers')) },
      [`bytesPer${unit[0]!.toUpperCase()}${unit.slice(1)}`]: Math.round(held / units),
    }),
  )
}

const name = process.argv[2]
if (name !== undefined) measure(name, cases[name]!)
else
  for (const each of Object.keys(cases))
    spawnSync(process.execPath, ['--expose-gc', import.meta.filename, each], { stdio: 'inherit' })
