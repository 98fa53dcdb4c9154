import {
  compareUtf8,
  type Fact,
  type FactApplied,
  type HealthStatus,
  type Id,
} from '@tidemark/model'
import { fromDocument } from './documents.ts'
import type { SqlStatements } from './sql.ts'

export type HistoryQuery = {
  /** Null: of all services. */
  readonly service: string | null
  readonly fromUs: number
  /** Up to and including this moment. */
  readonly toUs: number
}

export type StoredSloHour = {
  readonly service: string
  readonly slo: string
  readonly objectiveId: Id
  readonly hourStartUs: number
  readonly valid: number
  readonly bad: number
}

export type StoredStatusChange = {
  readonly service: string
  readonly sinceUs: number
  readonly status: HealthStatus
}

export type StoredLatencyHour = {
  readonly service: string
  readonly hourStartUs: number
  readonly p99UsMax: number
}

/** Null: any. */
export type FactQuery = {
  readonly type: Fact['type'] | null
  readonly service: string | null
  /** Facts that name this alert. */
  readonly alertId: Id | null
}

const stretchOf = ({ service, fromUs, toUs }: HistoryQuery): [string, number, number] => [
  service ?? '',
  fromUs,
  toUs,
]

// Sorted here, for databases differ in how they order text.
const byService = (a: { readonly service: string }, b: { readonly service: string }): number =>
  compareUtf8(a.service, b.service)

export const sloHoursOf = async (
  sql: SqlStatements,
  query: HistoryQuery,
): Promise<readonly StoredSloHour[]> => {
  const rows = await sql.all(
    `select service, slo, objective_id, hour_start_us, valid, bad from slo_hour
     where ($1 = '' or service = $1) and hour_start_us >= $2 and hour_start_us <= $3`,
    stretchOf(query),
  )
  return rows
    .map((row) => ({
      service: String(row.service),
      slo: String(row.slo),
      objectiveId: String(row.objective_id) as Id,
      hourStartUs: Number(row.hour_start_us),
      valid: Number(row.valid),
      bad: Number(row.bad),
    }))
    .sort(
      (a, b) =>
        byService(a, b) ||
        compareUtf8(a.slo, b.slo) ||
        compareUtf8(a.objectiveId, b.objectiveId) ||
        a.hourStartUs - b.hourStartUs,
    )
}

export const statusChangesOf = async (
  sql: SqlStatements,
  query: HistoryQuery,
): Promise<readonly StoredStatusChange[]> => {
  const rows = await sql.all(
    `select service, since_us, status from status_change where ($1 = '' or service = $1) and since_us <= $3
     and since_us >= coalesce((select max(earlier.since_us) from status_change earlier
       where earlier.service = status_change.service and earlier.since_us <= $2), 0)`,
    stretchOf(query),
  )
  return rows
    .map((row) => ({
      service: String(row.service),
      sinceUs: Number(row.since_us),
      status: String(row.status) as HealthStatus,
    }))
    .sort((a, b) => byService(a, b) || a.sinceUs - b.sinceUs)
}

export const latencyHoursOf = async (
  sql: SqlStatements,
  query: HistoryQuery,
): Promise<readonly StoredLatencyHour[]> => {
  const rows = await sql.all(
    `select service, hour_start_us, p99_us_max from latency_hour
     where ($1 = '' or service = $1) and hour_start_us >= $2 and hour_start_us <= $3`,
    stretchOf(query),
  )
  return rows
    .map((row) => ({
      service: String(row.service),
      hourStartUs: Number(row.hour_start_us),
      p99UsMax: Number(row.p99_us_max),
    }))
    .sort((a, b) => byService(a, b) || a.hourStartUs - b.hourStartUs)
}

export const factsOf = async (
  sql: SqlStatements,
  { type, service, alertId }: FactQuery,
): Promise<readonly FactApplied[]> => {
  const rows = await sql.all(
    `select document from fact where ($1 = '' or type = $1) and ($2 = '' or service = $2) and ($3 = '' or alert_id = $3)
     order by clock_ms, partition, cause_offset, cause_index`,
    [type ?? '', service ?? '', alertId ?? ''],
  )
  return rows.map((row) => fromDocument<FactApplied>(row.document))
}
