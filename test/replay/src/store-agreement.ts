import { isDeepStrictEqual } from 'node:util'
import type { ReadableLog } from '@tidemark/cli'
import type { AlertEvent, FleetSlice, TidemarkEvent } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { derivedEvents, ofType } from './derived-events.ts'

/** I9: what the store holds and the topics do not say, or the other way round; empty when they agree. */
export const storeDisagreements = async (
  store: SnapshotStore,
  log: ReadableLog,
): Promise<readonly string[]> => {
  const aggregates = await derivedEvents(log, 'aggregates')
  const assessments = ofType(await derivedEvents(log, 'assessments'), 'ServiceAssessed')
  const slices = ofType(await derivedEvents(log, 'fleet'), 'FleetSlice')
  const reports = ofType(await derivedEvents(log, 'platform-reports'), 'PlatformReported')
  const alerts = (await derivedEvents(log, 'alerts')) as readonly AlertEvent[]
  const advances = ofType(aggregates, 'PartitionAdvanced')
  const everything = { service: null, fromUs: -1, toUs: Number.MAX_SAFE_INTEGER }
  const sliceEndsUs = [...new Set(slices.map(({ windowEndUs }) => windowEndUs))]
  const stored: readonly (readonly [string, readonly TidemarkEvent[], readonly TidemarkEvent[]])[] =
    [
      [
        'request windows',
        await store.requestWindows(everything),
        ofType(aggregates, 'RequestWindowClosed'),
      ],
      [
        'health windows',
        await store.healthWindows(everything),
        ofType(aggregates, 'HealthWindowClosed'),
      ],
      [
        'advances',
        await store.advances(),
        newestOf(advances, (it) => `${it.topic}/${it.partition}`),
      ],
      ['assessments', await store.assessments(), newestOf(assessments, ({ service }) => service)],
      ['alerts', await store.alertEvents({ state: 'any', limit: 0 }), alerts],
      ['reports', await store.reports({ limit: Number.MAX_SAFE_INTEGER }), reports],
      ...(await Promise.all(
        sliceEndsUs.map(async (endUs) => {
          return [`slices at ${endUs}`, await store.slices(endUs), slicesAt(slices, endUs)] as const
        }),
      )),
    ]
  return stored.flatMap(([what, rows, events]) => difference(what, rows, events))
}

/** All parts of each partition's newest slice at a time. */
const slicesAt = (slices: readonly FleetSlice[], atUs: number): readonly FleetSlice[] => {
  const known = slices.filter(({ windowEndUs }) => windowEndUs <= atUs)
  const newest = new Map(known.map(({ partition, windowEndUs }) => [partition, windowEndUs]))
  return known.filter(({ partition, windowEndUs }) => windowEndUs === newest.get(partition))
}

/** The last one of each key. */
const newestOf = <E>(events: readonly E[], keyOf: (event: E) => string): readonly E[] => [
  ...new Map(events.map((event) => [keyOf(event), event])).values(),
]

const difference = (
  what: string,
  rows: readonly TidemarkEvent[],
  events: readonly TidemarkEvent[],
): readonly string[] => {
  const byId = new Map(rows.map((row) => [idOf(row), row]))
  const wrong = events.filter((event) => !isSame(byId.get(idOf(event)), event))
  if (rows.length === events.length && wrong.length === 0) return []
  return [`I9: ${what}: ${rows.length} rows, ${events.length} events, ${wrong.length} unequal`]
}

const idOf = (event: TidemarkEvent): string | null => ('id' in event ? event.id : null)

/** Bytes come out of SQLite as plain arrays and out of Avro as buffers, which are the same here. */
const isSame = (row: TidemarkEvent | undefined, event: TidemarkEvent): boolean =>
  isDeepStrictEqual(plain(row), plain(event))

const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}
