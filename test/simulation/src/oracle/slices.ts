import type { Layout } from '@tidemark/model'
import type { Marks } from './alerts.ts'
import { isMet } from './burns.ts'
import { byText, sum } from './lists.ts'
import type { rowOf } from './service-cards.ts'

export type ServiceRow = ReturnType<typeof rowOf>['row']

export type FiringAlert = Marks & {
  readonly flapping: boolean
  readonly rule: string
  readonly service: string
  readonly slo: string | null
  readonly severity: string
  readonly raisedAtUs: number
  readonly fingerprint: string
  readonly alertId: string
}

/** One partition at the end of a window. */
export type Slice = {
  readonly partition: number
  readonly windowEndUs: number
  readonly previousWindowEndUs: number | null
  readonly rows: readonly ServiceRow[]
  readonly alertCount: number
  readonly alerts: readonly FiringAlert[]
  readonly ignored: readonly Traffic[]
  readonly positions: readonly Position[]
}

type Traffic = { readonly service: string; readonly events: number }
type Position = { readonly topic: string; readonly partition: number; readonly position: number }

const partRows = 500
const reportRows = 1000

/** A slice as the events of its parts. */
export const sliceFields = (slice: Slice, { windowUs }: Layout): readonly object[] => {
  const { partition, windowEndUs, previousWindowEndUs, rows, alertCount, alerts } = slice
  const parts = Math.max(1, Math.ceil(rows.length / partRows))
  return Array.from({ length: parts }, (_, part) => ({
    ...{ type: 'FleetSlice', partition, windowStartUs: windowEndUs - windowUs, windowEndUs },
    ...{ previousWindowEndUs, part, parts },
    rows: rows.slice(part * partRows, (part + 1) * partRows),
    ...(part === 0
      ? { alertCount, alerts, ignored: totals(slice.ignored), positions: slice.positions }
      : { alertCount: 0, alerts: [], ignored: [], positions: [] }),
  }))
}

/** What the reporter must say: at full minutes, and where overall health is not what it was; of the slices of every partition. */
export const reportsOf = (byPartition: readonly (readonly Slice[])[]): readonly object[] => {
  const ends = byPartition.flatMap((slices) => slices.map(({ windowEndUs }) => windowEndUs))
  const lastUs = Math.min(...byPartition.map((slices) => slices.at(-1)?.windowEndUs ?? -1))
  let overall = 'unknown'
  return [...new Set(ends)]
    .filter((endUs) => endUs <= lastUs)
    .sort((a, b) => a - b)
    .flatMap((asOfUs) => {
      const newest = byPartition.flatMap(
        (slices) => slices.findLast(({ windowEndUs }) => windowEndUs <= asOfUs) ?? [],
      )
      const before = overall
      overall = overallOf(newest)
      return asOfUs % 60_000_000 === 0 || overall !== before
        ? [report(asOfUs, overall, newest)]
        : []
    })
}

const report = (asOfUs: number, overallHealth: string, slices: readonly Slice[]): object => {
  const rows = slices.flatMap((slice) => slice.rows)
  const alertCount = sum(slices.map((slice) => slice.alertCount))
  const alerts = severestNewest(slices.flatMap((slice) => slice.alerts))
  const sorted = rows.toSorted(
    (a, b) => worstFirst.indexOf(a.status) - worstFirst.indexOf(b.status) || byName(a, b),
  )
  return {
    type: 'PlatformReported',
    ...{ asOfUs, overallHealth, serviceCount: rows.length, alertCount, alerts },
    summary: Object.fromEntries(
      worstFirst.map((status) => [status, rows.filter((row) => row.status === status).length]),
    ),
    alertsOmitted: alertCount - alerts.length,
    services: sorted.slice(0, reportRows),
    servicesOmitted: Math.max(0, rows.length - reportRows),
    totals: platformTotals(rows),
    ignored: totals(slices.flatMap((slice) => slice.ignored)),
    positions: slices
      .flatMap(({ positions }) => positions)
      .toSorted(
        (a, b) => topics.indexOf(a.topic) - topics.indexOf(b.topic) || a.partition - b.partition,
      ),
  }
}

/** Over all services, those included that the report leaves out. */
const platformTotals = (rows: readonly ServiceRow[]): object => {
  const met = rows
    .flatMap(({ slos }) => slos)
    .flatMap(({ counts, targetPpm }) => isMet(counts, targetPpm) ?? [])
  const costs = rows.flatMap((row) => row.costs)
  const scores = rows.flatMap(({ reliability: { score } }) => score ?? [])
  return {
    slosMissed: met.filter((isGood) => !isGood).length,
    slosJudged: met.length,
    costs: [...Map.groupBy(costs, ({ currency }) => currency)]
      .map(([currency, each]) => ({
        currency,
        amountMinor: sum(each.map(({ amountMinor }) => amountMinor)),
      }))
      .sort((a, b) => byText(a.currency, b.currency)),
    overBudget: rows.filter((row) => row.costs.some(({ overBudget }) => overBudget)).length,
    ...{ reliabilitySum: sum(scores), reliabilityCount: scores.length },
    governanceFailures: rows.filter(
      ({ governance }) => governance !== null && governance.status !== 'compliant',
    ).length,
  }
}

/** Unknown counts as better than healthy here: it says nothing of the platform. */
const overallOf = (slices: readonly Slice[]): string =>
  ['down', 'critical', 'degraded', 'healthy'].find((status) =>
    slices.some(({ rows }) => rows.some((row) => row.status === status)),
  ) ?? 'unknown'

export const severestNewest = (alerts: readonly FiringAlert[]): readonly FiringAlert[] =>
  alerts
    .toSorted(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
        b.raisedAtUs - a.raisedAtUs ||
        byName(a, b) ||
        byText(a.rule, b.rule) ||
        byText(a.slo ?? '', b.slo ?? ''),
    )
    .slice(0, 20)

/** By service, sorted by name; above 500 the largest stay, and the others are one row. */
const totals = (traffic: readonly Traffic[]): readonly Traffic[] => {
  const each = [...Map.groupBy(traffic, ({ service }) => service)]
    .map(([service, rows]) => ({ service, events: sum(rows.map(({ events }) => events)) }))
    .sort((a, b) => b.events - a.events || byName(a, b))
  if (each.length <= 500) return each.sort(byName)
  const rest = { service: 'overflow', events: sum(each.slice(499).map(({ events }) => events)) }
  return totals([...each.slice(0, 499), rest])
}

const byName = (a: { readonly service: string }, b: { readonly service: string }): number =>
  byText(a.service, b.service)

const severities: readonly string[] = ['page', 'critical', 'warning']
const topics: readonly string[] = ['requests', 'health-checks', 'facts']
const worstFirst: readonly string[] = [
  ...['down', 'critical', 'degraded', 'healthy', 'unknown', 'maintenance'],
]
