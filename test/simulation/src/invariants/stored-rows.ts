import { isDeepStrictEqual } from 'node:util'
import type { DerivedEvent } from '@tidemark/model'
import { eventsOf, type DerivedEvents } from './derived-events.ts'
import type { ObservedPosition, StoreContents, StoreEvidence } from './evidence.ts'
import { factIn } from './fact-in.ts'
import type { ReadRun } from './judged-run.ts'
import { wrongHistory } from './stored-history.ts'
import { streamsOf, withoutRepeats } from './streams.ts'
import { violations, type Violation } from './violation.ts'

/** I9: the store holds what the topics say and nothing else, stands at their ends, and has never gone back. */
export const checkStore = ({ evidence, events }: ReadRun): readonly Violation[] => {
  const { store, delivery } = evidence
  if (store === null) return []
  const once: DerivedEvents =
    delivery === 'exactly-once'
      ? events
      : { ...events, read: [...streamsOf(events.read).values()].flatMap(withoutRepeats) }
  return violations('I9', [
    ...wrongRows(store.contents, once),
    ...notAtTheEnd(store.contents.positions, once),
    ...wentBack(store),
  ])
}

const wrongRows = (stored: StoreContents, derived: DerivedEvents): readonly string[] => {
  const all = (...types: readonly DerivedEvent['type'][]): readonly DerivedEvent[] =>
    types.flatMap((type) => eventsOf(derived, type).map(({ event }) => event))
  const advances = eventsOf(derived, 'PartitionAdvanced').map(({ event }) => event)
  const assessments = eventsOf(derived, 'ServiceAssessed').map(({ event }) => event)
  return [
    ...unequal('request windows', stored.requestWindows, all('RequestWindowClosed')),
    ...unequal('health windows', stored.healthWindows, all('HealthWindowClosed')),
    ...unequal(
      'advances',
      stored.advances,
      lastOf(advances, ({ topic, partition }) => `${topic}/${partition}`),
    ),
    ...unequal(
      'assessments',
      stored.assessments,
      lastOf(assessments, ({ service }) => service),
    ),
    ...unequal(
      'alerts',
      stored.alerts,
      all(
        ...(['AlertRaised', 'AlertSeverityChanged', 'AlertMarked'] as const),
        ...(['AlertAcknowledged', 'AlertEscalated', 'AlertResolved'] as const),
      ),
    ),
    ...unequal(
      'facts',
      stored.facts,
      eventsOf(derived, 'FactApplied').map(({ event }) => ({ ...event, fact: factIn(event.fact) })),
    ),
    ...wrongHistory(
      stored,
      eventsOf(derived, 'FleetSlice').map(({ event }) => event),
    ),
    ...unequal('slices', stored.slices, all('FleetSlice')),
    ...unequal('reports', stored.reports, all('PlatformReported')),
  ]
}

/** The last one of each row. */
const lastOf = <E>(events: readonly E[], rowOf: (event: E) => string): readonly E[] => [
  ...new Map(events.map((event) => [rowOf(event), event])).values(),
]

const unequal = (
  what: string,
  rows: readonly DerivedEvent[],
  events: readonly DerivedEvent[],
): readonly string[] => {
  const byId = new Map(rows.map((row) => [row.id as string, row]))
  const wrong = events.find((event) => !isDeepStrictEqual(plain(byId.get(event.id)), plain(event)))
  const ids = new Set(events.map(({ id }) => id))
  const surplus = rows.find(({ id }) => !ids.has(id))
  return [
    ...(wrong === undefined
      ? []
      : [
          `${what}: the row of ${JSON.stringify(wrong.cause)} is ${byId.has(wrong.id) ? 'another' : 'missing'}`,
        ]),
    ...(surplus === undefined
      ? []
      : [`${what}: a row of ${JSON.stringify(surplus.cause)}, which no topic holds`]),
  ]
}

/** Bytes come out of databases and Avro as arrays of different kinds. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

/** Behind the last record of each partition; control records may come after it. */
const notAtTheEnd = (
  positions: readonly ObservedPosition[],
  { read }: DerivedEvents,
): readonly string[] => {
  const kept = read.filter(({ record }) => record.topic !== 'rejected')
  const ends = new Map(
    kept.map(({ record }) => [`${record.topic}/${record.partition}`, record.offset + 1]),
  )
  return [...ends].flatMap(([name, end]) => {
    const at = positions.find(({ topic, partition }) => `${topic}/${partition}` === name)
    return at !== undefined && at.position >= end
      ? []
      : [`position of ${name}: ${at?.position ?? 'none'}, its end is ${end}`]
  })
}

const wentBack = ({ moments }: StoreEvidence): readonly string[] => {
  const newest = new Map<string, number>()
  return (moments ?? []).flatMap(({ positions, versions }, i) =>
    [
      ...positions.map(({ topic, partition, position }) => ({
        row: `position of ${topic}/${partition}`,
        version: position,
      })),
      ...versions,
    ].flatMap(({ row, version }) => {
      const before = newest.get(row) ?? version
      newest.set(row, Math.max(before, version))
      return version >= before
        ? []
        : [`${row}: ${version} after transaction ${i}, which was ${before}`]
    }),
  )
}
