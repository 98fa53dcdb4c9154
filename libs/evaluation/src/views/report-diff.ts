import {
  compareUtf8,
  type CostState,
  type FleetRow,
  type HealthStatus,
  type SloState,
  type StandingStatus,
} from '@tidemark/model'
import type { PlatformReport } from '../platform.ts'
import type { AlertHistory } from './alert-history.ts'
import { isMissed } from './sections/objectives.ts'

/** What is different at one moment from what was at another; everything sorted by service. */
export type ReportDiff = {
  readonly fromUs: number
  readonly toUs: number
  readonly overallHealth: Change<HealthStatus>
  readonly appeared: readonly string[]
  readonly gone: readonly string[]
  readonly statuses: readonly (Of & Change<HealthStatus>)[]
  readonly standings: readonly (Of & Change<StandingStatus>)[]
  /** Null where there was, or is, no evidence. */
  readonly scores: readonly (Of & Change<number | null>)[]
  readonly raised: readonly AlertHistory[]
  readonly resolved: readonly AlertHistory[]
  readonly sloMissed: readonly (Of & { readonly state: SloState })[]
  readonly sloMet: readonly (Of & { readonly state: SloState })[]
  readonly costs: readonly CostChange[]
}

export type Change<T> = { readonly before: T; readonly after: T }
export type Of = { readonly service: string }
/** Null where there was, or is, no cost in this currency. */
export type CostChange = Of & { readonly currency: string } & Change<CostState | null>

/** From one report to a later one. `alerts` are those that were raised or resolved in between, or more. */
export const reportDiff = (
  before: PlatformReport,
  after: PlatformReport,
  alerts: readonly AlertHistory[],
): ReportDiff => {
  const earlier = new Map(before.services.map((row) => [row.service, row]))
  const later = new Map(after.services.map((row) => [row.service, row]))
  const pairs = [...later.values()]
    .toSorted((a, b) => compareUtf8(a.service, b.service))
    .flatMap((row): readonly Pair[] => {
      const known = earlier.get(row.service)
      return known === undefined ? [] : [{ service: row.service, before: known, after: row }]
    })
  const isBetween = (atUs: number): boolean => atUs > before.asOfUs && atUs <= after.asOfUs
  return {
    fromUs: before.asOfUs,
    toUs: after.asOfUs,
    overallHealth: { before: before.overallHealth, after: after.overallHealth },
    appeared: missingIn(earlier, later),
    gone: missingIn(later, earlier),
    statuses: changes(pairs, ({ status }) => status),
    standings: changes(pairs, ({ standing }) => standing.status),
    scores: changes(pairs, ({ reliability }) => reliability.score),
    raised: alerts.filter(({ first }) => isBetween(first.raisedAtUs)),
    resolved: alerts.filter(
      ({ resolved }) => resolved !== null && isBetween(resolved.resolvedAtUs),
    ),
    sloMissed: objectiveChanges(earlier, later, (was, is) => is && !was),
    sloMet: objectiveChanges(earlier, later, (was, is) => was && !is),
    costs: costChanges(earlier, later),
  }
}

/** Whether anything is different. */
export const isUnchanged = (diff: ReportDiff): boolean =>
  diff.overallHealth.before === diff.overallHealth.after &&
  [
    ...[diff.appeared, diff.gone, diff.statuses, diff.standings, diff.scores],
    ...[diff.raised, diff.resolved, diff.sloMissed, diff.sloMet, diff.costs],
  ].every((list) => list.length === 0)

type Rows = ReadonlyMap<string, FleetRow>
type Pair = Of & { readonly before: FleetRow; readonly after: FleetRow }

const missingIn = (known: Rows, rows: Rows): readonly string[] =>
  [...rows.keys()].filter((service) => !known.has(service)).sort(compareUtf8)

const changes = <T>(
  pairs: readonly Pair[],
  figure: (row: FleetRow) => T,
): readonly (Of & Change<T>)[] =>
  pairs
    .map(({ service, before, after }) => ({
      service,
      before: figure(before),
      after: figure(after),
    }))
    .filter(({ before, after }) => before !== after)

/** Objectives of which `isChosen` says so, from whether they were missed before and whether they are now. */
const objectiveChanges = (
  earlier: Rows,
  later: Rows,
  isChosen: (was: boolean, is: boolean) => boolean,
): readonly (Of & { readonly state: SloState })[] =>
  [...later.values()]
    .toSorted((a, b) => compareUtf8(a.service, b.service))
    .flatMap(({ service, slos }) =>
      slos
        .filter((state) => {
          const known = earlier.get(service)?.slos.find(({ slo }) => slo === state.slo)
          return isChosen(known !== undefined && isMissed(known), isMissed(state))
        })
        .map((state) => ({ service, state })),
    )

const costChanges = (earlier: Rows, later: Rows): readonly CostChange[] =>
  [...new Set([...earlier.keys(), ...later.keys()])].sort(compareUtf8).flatMap((service) => {
    const [old, now] = [earlier, later].map((rows) => rows.get(service)?.costs ?? [])
    const currencies = new Set([...(old ?? []), ...(now ?? [])].map(({ currency }) => currency))
    return [...currencies]
      .sort(compareUtf8)
      .map((currency) => ({
        service,
        currency,
        before: old?.find((cost) => cost.currency === currency) ?? null,
        after: now?.find((cost) => cost.currency === currency) ?? null,
      }))
      .filter(
        ({ before, after }) =>
          before?.amountMinor !== after?.amountMinor ||
          before?.monthStartUs !== after?.monthStartUs ||
          before?.overBudget !== after?.overBudget,
      )
  })
