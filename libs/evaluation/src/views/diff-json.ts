import { isoOf, type CostState } from '@tidemark/model'
import type { AlertHistory } from './alert-history.ts'
import { alertJson } from './alert-json.ts'
import type { Of, ReportDiff } from './report-diff.ts'
import { sloJson } from './row-json.ts'
import type { SloState } from '@tidemark/model'

/** What changed, as `tidemark report --diff --json` prints it. */
export const diffJson = (diff: ReportDiff) => ({
  from: isoOf(diff.fromUs),
  to: isoOf(diff.toUs),
  overallHealth: diff.overallHealth,
  appeared: diff.appeared,
  gone: diff.gone,
  statuses: diff.statuses,
  standings: diff.standings,
  scores: diff.scores,
  raised: diff.raised.map(shortJson),
  resolved: diff.resolved.map(shortJson),
  sloMissed: diff.sloMissed.map(objectiveJson),
  sloMet: diff.sloMet.map(objectiveJson),
  costs: diff.costs.map(({ service, currency, before, after }) => ({
    service,
    currency,
    before: before && monthJson(before),
    after: after && monthJson(after),
  })),
})

const objectiveJson = ({ service, state }: Of & { readonly state: SloState }) => ({
  service,
  ...sloJson(state),
})

const monthJson = ({ monthStartUs, amountMinor, budgetMinor, overBudget }: CostState) => ({
  ...{ month: isoOf(monthStartUs).slice(0, 7), amountMinor, budgetMinor, overBudget },
})

/** Without evidence and history, which `tidemark alert ID` has. */
const shortJson = (history: AlertHistory) => {
  const { evidence, inputs, history: told, ...short } = alertJson(history)
  return short
}
