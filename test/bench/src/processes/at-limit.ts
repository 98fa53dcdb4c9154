import { aggregatorFold, ledgerOf } from '@tidemark/aggregation'
import { encode, inputSchemas } from '@tidemark/codec'
import { defaultLayout, offset, openWindowsMax } from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'

// What one aggregator task takes with one of its limits filled to the brim (I11). Argument: the case. Run it with --expose-gc.

const startMs = 1_700_000_000_000
const { limits, windowUs } = defaultLayout
const open = openWindowsMax(defaultLayout)

type Case = {
  readonly events: number
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
const someOfCrowd = Math.floor(crowd / 20)
const placeInCrowd = (i: number) => {
  const { servicesPerWindow } = limits
  const service = i % servicesPerWindow
  return { service, operation: Math.floor((i % crowd) / servicesPerWindow), window: 0 }
}

const cases: Readonly<Record<string, Case>> = {
  'rows of 1 request': {
    ...{ events: rows, units: rows },
    event: (i) => ({
      ...{
        service: i % limits.servicesPerWindow,
        window: Math.floor(i / limits.servicesPerWindow),
      },
      ...{ operation: 0, latencyUs: 20_000, hasId: false },
    }),
  },
  'rows of 20 requests': {
    ...{ events: 20 * rows, units: rows },
    event: (i) => ({
      ...{
        service: i % limits.servicesPerWindow,
        window: Math.floor(i / (20 * limits.servicesPerWindow)),
      },
      ...{ operation: 0, latencyUs: 1000 + ((i * 7919) % 200_000), hasId: true },
    }),
  },
  identities: {
    ...{ events: limits.identitiesPerWindow, units: limits.identitiesPerWindow },
    event: (i) => ({ service: i % 50, operation: 0, window: 0, latencyUs: 5000, hasId: true }),
  },
  'operations of 20 requests': {
    ...{ events: 20 * crowd, units: crowd },
    event: (i) => ({
      ...placeInCrowd(i),
      ...{ latencyUs: 1000 + ((i * 7919) % 200_000), hasId: false },
    }),
  },
  'operations of all latencies': {
    // The least that makes a histogram count its list, with all its octaves; of a twentieth of the operations, which is work enough.
    ...{ events: 257 * someOfCrowd, units: someOfCrowd },
    event: (i) => ({
      ...placeInCrowd(i % someOfCrowd),
      ...{ latencyUs: Math.floor(i / someOfCrowd) % 2 === 0 ? 0 : 600_000_000, hasId: false },
    }),
  },
  'operations of many latencies': {
    ...{ events: 20 * limits.operationsPerServiceWindow * open * 300 },
    units: 20 * limits.operationsPerServiceWindow * open,
    event: (i) => {
      const perWindow = 20 * limits.operationsPerServiceWindow
      const place = i % (perWindow * open)
      return {
        ...{ service: place % 20, window: Math.floor(place / perWindow) },
        operation: Math.floor(place / 20) % limits.operationsPerServiceWindow,
        latencyUs: Math.floor(1.2 ** (Math.floor(i / (perWindow * open)) * 0.36)) % 600_000_000,
        hasId: false,
      }
    },
  },
}

const measure = ({ events, units, event }: Case): void => {
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
  const { ledger } = ledgerOf(fold.checkpoint()).find(({ topic }) => topic === 'requests')!
  if (ledger.aggregated !== events)
    throw new Error(`${events} events, of which ${ledger.aggregated} are aggregated`)
  const more = (of: 'rss' | 'heapUsed' | 'arrayBuffers'): number => after[of] - before[of]
  const heldBytes = more('heapUsed') + more('arrayBuffers')
  console.log(
    JSON.stringify({
      ...{ units, residentMb: more('rss') / 1e6, heldMb: heldBytes / 1e6 },
      bytesPerUnit: heldBytes / units,
    }),
  )
}

measure(cases[process.argv[2]!]!)
