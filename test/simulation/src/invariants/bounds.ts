import {
  sendBytesMax,
  type DerivedEvent,
  type HealthWindowClosed,
  type Layout,
  type RequestWindowClosed,
} from '@tidemark/model'
import { eventsOf } from './derived-events.ts'
import type { ReadRun } from './judged-run.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/** I11: no record and no row of it is above a limit; that what was above one is counted all the same is I2's and I3's to say. */
export const checkBounds = ({ events, evidence }: ReadRun): readonly Violation[] => {
  const { layout } = evidence
  const tooLarge = evidence.derived
    .filter(({ value }) => (value?.length ?? 0) > sendBytesMax)
    .map((record) => `${placeOf(record)}: ${record.value?.length} bytes, at most ${sendBytesMax}`)
  const tooMany = events.read.flatMap(({ record, event }) =>
    countsOf(event, layout)
      .filter(([, count, most]) => count > most)
      .map(([what, count, most]) => `${placeOf(record)}: ${count} ${what}, at most ${most}`),
  )
  return violations('I11', [...tooLarge, ...tooMany, ...crowdedWindows(evidence.layout, events)])
}

type Count = readonly [what: string, count: number, most: number]

/** One more than a cap is the row of those above it. */
const countsOf = (event: DerivedEvent, { limits }: Layout): readonly Count[] => {
  const { operationsPerServiceWindow: names, rejectedBytes, servicesPerWindow } = limits
  switch (event.type) {
    case 'RequestWindowClosed':
      return [['operations', event.operations.length, names + 1]]
    case 'HealthWindowClosed':
      return [['checks', event.checks.length, names + 1]]
    case 'PartitionAdvanced':
      return [['services with late events', event.late.length, servicesPerWindow + 1]]
    case 'RecordRejected':
      return [
        ['bytes of a refused key', event.key?.length ?? 0, rejectedBytes],
        ['bytes of a refused value', event.value?.length ?? 0, rejectedBytes],
      ]
    case 'FleetSlice':
      return [
        ['rows', event.rows.length, 500],
        ['alerts', event.alerts.length, 20],
        ['ignored services', event.ignored.length, 500],
      ]
    case 'PlatformReported':
      return [
        ['services', event.services.length, 1000],
        ['alerts', event.alerts.length, 20],
        ['ignored services', event.ignored.length, 500],
      ]
    default:
      return []
  }
}

const crowdedWindows = ({ limits }: Layout, events: ReadRun['events']): readonly string[] => {
  const windows = Map.groupBy(
    [
      ...eventsOf(events, 'RequestWindowClosed').map(({ event }) => rowOf(event, event.operations)),
      ...eventsOf(events, 'HealthWindowClosed').map(({ event }) => rowOf(event, event.checks)),
    ],
    ({ window }) => window,
  )
  return [...windows].flatMap(([window, rows]) => {
    const services = new Set(rows.filter(({ overflow }) => !overflow).map((row) => row.service))
    const names = new Map(rows.map((row) => [`${row.service} ${row.overflow}`, row.ownNames]))
    const counts: readonly Count[] = [
      ['services', services.size, limits.servicesPerWindow],
      [
        'operations or checks of all services',
        [...names.values()].reduce((sum, count) => sum + count, 0),
        limits.operationsPerWindow,
      ],
    ]
    return counts
      .filter(([, count, most]) => count > most)
      .map(([what, count, most]) => `${window}: ${count} ${what}, at most ${most}`)
  })
}

/** Once for each service and window: under at-least-once, rows may come again. */
const rowOf = (
  { type, cause, service, overflow, windowEndUs }: RequestWindowClosed | HealthWindowClosed,
  names: readonly { readonly overflow: boolean }[],
) => ({
  window: `${type} of partition ${cause.partition}, window end ${windowEndUs} us`,
  ...{ service, overflow },
  ownNames: names.filter((name) => !name.overflow).length,
})
