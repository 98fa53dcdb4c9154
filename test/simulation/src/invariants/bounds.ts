import { sendBytesMax, type DerivedEvent, type Layout } from '@tidemark/model'
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
  const rows = [
    ...eventsOf(events, 'RequestWindowClosed'),
    ...eventsOf(events, 'HealthWindowClosed'),
  ].filter(({ event }) => !event.overflow)
  const windows = Map.groupBy(
    rows,
    ({ event: { type, cause, windowEndUs } }) =>
      `${type} of partition ${cause.partition}, window end ${windowEndUs} us`,
  )
  return [...windows]
    .map(([name, row]) => [name, new Set(row.map(({ event }) => event.service)).size] as const)
    .filter(([, services]) => services > limits.servicesPerWindow)
    .map(([name, services]) => `${name}: ${services} services, at most ${limits.servicesPerWindow}`)
}
