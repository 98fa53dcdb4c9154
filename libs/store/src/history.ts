import type { FactApplied, FleetRow, FleetSlice } from '@tidemark/model'
import { documentOf } from './documents.ts'
import type { SqlValue } from './sql.ts'
import { table } from './table.ts'

// How services came to stand where they stand: what slices say, kept by the hour or by change, and facts. Each row follows from one event
// alone, and the newest version or the largest value wins, so that order and repeats do not matter (I9).

const hourUs = 3_600_000_000

export const sloHours = table(
  'slo_hour',
  'service, slo, objective_id, hour_start_us, valid, bad, version',
  `(service, objective_id, hour_start_us) do update set
   slo = excluded.slo, valid = excluded.valid, bad = excluded.bad, version = excluded.version
   where excluded.version > slo_hour.version`,
)

/** The running hour of each objective; of several windows of an hour the newest. */
export const sloHourRows = (slices: readonly FleetSlice[]): readonly SqlValue[][] =>
  latest(
    slices.flatMap((slice) =>
      slice.rows.flatMap(({ service, slos }) =>
        slos.map(({ slo, objectiveId, hour }): HourRow => ({
          key: `${service} ${objectiveId} ${hourOf(slice)}`,
          version: slice.windowEndUs,
          row: [
            ...[service, slo, objectiveId, hourOf(slice), hour.valid, hour.bad],
            slice.windowEndUs,
          ],
        })),
      ),
    ),
  )

export const statusChanges = table('status_change', 'service, since_us, status')

/** Where a status began, and, so that a store that begins later knows it too, which one holds at each full hour. */
export const statusChangeRows = (slices: readonly FleetSlice[]): readonly SqlValue[][] =>
  slices.flatMap(({ windowEndUs, rows }) =>
    rows
      .filter(({ sinceUs }) => sinceUs === windowEndUs || windowEndUs % hourUs === 0)
      .map(({ service, sinceUs, status }): SqlValue[] => [service, sinceUs, status]),
  )

export const latencyHours = table(
  'latency_hour',
  'service, hour_start_us, p99_us_max',
  `(service, hour_start_us) do update set p99_us_max = excluded.p99_us_max
   where excluded.p99_us_max > latency_hour.p99_us_max`,
)

/** The highest p99 that a horizon of the hour had. */
export const latencyHourRows = (slices: readonly FleetSlice[]): readonly SqlValue[][] =>
  latest(
    slices.flatMap((slice) =>
      slice.rows.filter(hasLatency).map(({ service, signals }): HourRow => {
        const p99Us = signals.latency.p99.valueUs
        return {
          key: `${service} ${hourOf(slice)}`,
          version: p99Us,
          row: [service, hourOf(slice), p99Us],
        }
      }),
    ),
  )

type HourRow = {
  readonly key: string
  readonly version: number
  readonly row: SqlValue[]
}

/** Of each key the row of the highest version: one statement may not meet a key twice. */
const latest = (rows: readonly HourRow[]): readonly SqlValue[][] => {
  const byKey = new Map<string, HourRow>()
  for (const row of rows) {
    const known = byKey.get(row.key)
    if (known === undefined || row.version > known.version) byKey.set(row.key, row)
  }
  return Array.from(byKey.values(), ({ row }) => row)
}

const hasLatency = (
  row: FleetRow,
): row is FleetRow & {
  readonly signals: { readonly latency: NonNullable<FleetRow['signals']['latency']> }
} => row.signals.latency !== null

const hourOf = ({ windowStartUs }: FleetSlice): number => windowStartUs - (windowStartUs % hourUs)

export const facts = table(
  'fact',
  'partition, cause_offset, cause_index, type, fact_id, service, alert_id, clock_ms, at_us, document',
)

export const factRow = (event: FactApplied): SqlValue[] => {
  const { cause, fact, clockMs } = event
  return [
    ...[cause.partition, cause.offset, cause.index, fact.type, fact.id],
    'service' in fact ? fact.service : null,
    'alertId' in fact ? fact.alertId : null,
    ...[clockMs, fact.atUs, documentOf(event)],
  ]
}
