import { isoOf, severities, type FleetRow, type SloState } from '@tidemark/model'
import { counted, countText, permilleText, ppmText } from '../../format.ts'
import type { PlatformReport } from '../../platform.ts'
import { budgetRemaining, isMet, permille } from '../../slo/budget.ts'
import { sectionOf, type ColumnOf, type Section } from '../section.ts'
import { absentText } from '../text-table.ts'
import { severityTone } from './alerts.ts'
import { sloComplianceText } from './services.ts'

export type ServiceObjective = { readonly service: string; readonly state: SloState }

/** Objectives that are missed, and those whose budget burns fast: by how much budget is left, the least first. */
export const objectivesSection = (report: PlatformReport, rowsMax: number): Section => {
  const { slosMissed, slosJudged } = report.totals
  const all = objectivesOf(report.services)
  const shown = all.filter(({ state }) => isMissed(state) || state.burning !== null)
  const burning = all.filter(({ state }) => state.burning !== null).length
  const burns = burning === 0 ? '' : `; ${burning} ${burning === 1 ? 'burns' : 'burn'} too fast`
  return sectionOf({
    name: 'objectives',
    title:
      slosJudged === 0
        ? 'No objective has events'
        : `${counted(slosJudged, 'objective')}: ${slosMissed === 0 ? 'all met' : `${countText(slosMissed)} missed`}${burns}`,
    columns: objectiveColumns,
    rows: shown.toSorted(byBudget),
    rowsMax,
    noun: 'objective',
  })
}

/** All that have events, in the order of the services. */
export const allObjectivesSection = (report: PlatformReport, rowsMax: number): Section => ({
  ...objectivesSection(report, 0),
  ...sectionOf({
    name: 'objectives',
    title: objectivesSection(report, 0).title,
    columns: objectiveColumns,
    rows: objectivesOf(report.services).filter(({ state }) => state.counts.valid > 0),
    rowsMax,
    noun: 'objective',
  }),
})

export const objectivesOf = (rows: readonly FleetRow[]): readonly ServiceObjective[] =>
  rows.flatMap(({ service, slos }) => slos.map((state) => ({ service, state })))

/** Those that are not met, in the order of the rows. */
export const sloBreaches = (rows: readonly FleetRow[]): readonly ServiceObjective[] =>
  objectivesOf(rows).filter(({ state }) => isMissed(state))

export const isMissed = ({ counts, targetPpm }: SloState): boolean =>
  isMet(counts, targetPpm) === false

/** Share of the error budget that is left; absent where there is none. */
export const budgetText = ({ counts, targetPpm }: SloState): string => {
  const remaining = budgetRemaining(counts, targetPpm)
  return remaining === null ? absentText : permilleText(permille(remaining))
}

export const objectiveColumns: readonly ColumnOf<ServiceObjective>[] = [
  ...budgetColumns('BUDGET LEFT'),
  { title: 'BAD', align: 'right', drop: 2, text: ({ state }) => countText(state.counts.bad) },
  { title: 'OF', align: 'right', drop: 2, text: ({ state }) => countText(state.counts.valid) },
  { title: 'SINCE', drop: 3, text: ({ state }) => isoOf(state.fromUs).slice(0, 10) },
  {
    title: 'BURNS',
    text: ({ state }) => state.burning ?? absentText,
    tone: ({ state }) => (state.burning === null ? null : severityTone(state.burning)),
  },
]

/** Which objective, how it is met, and what is left of its budget. */
export function budgetColumns(budgetTitle: string): readonly ColumnOf<ServiceObjective>[] {
  return [
    { title: 'SERVICE', text: ({ service }) => service },
    { title: 'OBJECTIVE', text: ({ state }) => state.slo },
    { title: 'TARGET', align: 'right', text: ({ state }) => ppmText(state.targetPpm) },
    {
      title: 'COMPLIANCE',
      align: 'right',
      text: ({ state }) => sloComplianceText(state),
      tone: ({ state }) => (isMissed(state) ? 'bad' : null),
    },
    {
      title: budgetTitle,
      align: 'right',
      text: ({ state }) => budgetText(state),
      tone: ({ state }) => (isMissed(state) ? 'bad' : null),
    },
  ]
}

/** Exactly: shares are compared as fractions. Objectives without a budget come first where they are missed, last otherwise. */
const byBudget = (a: ServiceObjective, b: ServiceObjective): number => {
  const x = budgetRemaining(a.state.counts, a.state.targetPpm)
  const y = budgetRemaining(b.state.counts, b.state.targetPpm)
  if (x === null || y === null) return rankWithout(a) - rankWithout(b)
  const difference = x.part * y.whole - y.part * x.whole
  return difference < 0n ? -1 : difference > 0n ? 1 : severityRank(a) - severityRank(b)
}

const rankWithout = ({ state }: ServiceObjective): number => {
  if (budgetRemaining(state.counts, state.targetPpm) !== null) return 1
  return isMissed(state) ? 0 : 2
}

const severityRank = ({ state: { burning } }: ServiceObjective): number =>
  burning === null ? severities.length : severities.indexOf(burning)
