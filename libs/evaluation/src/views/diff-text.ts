import { isoOf } from '@tidemark/model'
import { amountText, changeText, counted, monthText, ppmText, spanText } from '../format.ts'
import type { AlertHistory } from './alert-history.ts'
import { isUnchanged, type CostChange, type ReportDiff } from './report-diff.ts'
import { sectionLines, sectionOf, unpainted, type Painter, type Section } from './section.ts'
import { severityTone } from './sections/alerts.ts'
import { budgetText } from './sections/objectives.ts'
import { sloComplianceText, statusTone } from './sections/services.ts'

const rowsMax = 20

/** What changed between two moments, for a terminal. Ends with a line break. */
export const diffText = (diff: ReportDiff, width = 120, paint: Painter = unpainted): string => {
  const lines = [
    diffHeadline(diff),
    ...diffSections(diff).flatMap((section) => ['', ...sectionLines(section, width, paint)]),
    ...(isUnchanged(diff) ? ['Nothing is different'] : []),
  ]
  return `${lines.join('\n')}\n`
}

export const diffHeadline = ({ fromUs, toUs, overallHealth: { before, after } }: ReportDiff) => {
  const health = before === after ? `still ${after}` : `${before} -> ${after}`
  return `Platform ${health}, ${isoOf(fromUs)} to ${isoOf(toUs)} (${spanText(toUs - fromUs)})`
}

/** Only what is different. */
export const diffSections = (diff: ReportDiff): readonly Section[] =>
  [
    servicesSection(diff),
    statusesSection(diff),
    alertsSection('raised', 'raised', diff.raised),
    alertsSection('resolved', 'resolved', diff.resolved),
    objectivesSection('missed', 'newly missed', diff.sloMissed),
    objectivesSection('met', 'met again', diff.sloMet),
    costsSection(diff),
    scoresSection(diff),
  ].filter(({ rows }) => rows.length > 0)

const servicesSection = ({ appeared, gone }: ReportDiff): Section =>
  sectionOf({
    name: 'services',
    title: [
      ...(appeared.length > 0 ? [`${counted(appeared.length, 'service')} appeared`] : []),
      ...(gone.length > 0 ? [`${counted(gone.length, 'service')} gone`] : []),
    ].join(', '),
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      { title: 'CHANGE', text: ({ change }) => change },
    ],
    rows: [
      ...appeared.map((service) => ({ service, change: 'appeared' })),
      ...gone.map((service) => ({ service, change: 'gone' })),
    ],
    rowsMax,
    noun: 'service',
  })

const statusesSection = ({ statuses, standings }: ReportDiff): Section =>
  sectionOf({
    name: 'statuses',
    title: `${[
      ...(statuses.length > 0 ? [counted(statuses.length, 'status', 'statuses')] : []),
      ...(standings.length > 0 ? [counted(standings.length, 'standing')] : []),
    ].join(' and ')} changed`,
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      { title: 'OF', text: ({ of }) => of },
      { title: 'BEFORE', text: ({ before }) => before, tone: ({ before }) => statusTone(before) },
      { title: 'NOW', text: ({ after }) => after, tone: ({ after }) => statusTone(after) },
    ],
    rows: [
      ...statuses.map((change) => ({ ...change, of: 'status' })),
      ...standings.map((change) => ({ ...change, of: 'standing' })),
    ],
    rowsMax,
    noun: 'change',
  })

const alertsSection = (name: string, what: string, histories: readonly AlertHistory[]): Section =>
  sectionOf({
    name,
    title: `${counted(histories.length, 'alert')} ${what}`,
    columns: [
      {
        title: 'SEVERITY',
        text: ({ newest }) => newest.severity,
        tone: ({ newest }) => severityTone(newest.severity),
      },
      { title: 'RAISED', text: ({ first }) => isoOf(first.raisedAtUs) },
      { title: 'LASTED', text: lastedText, align: 'right', drop: 1 },
      { title: 'RULE', text: ({ first }) => first.rule },
      { title: 'ALERT', text: ({ latest }) => latest.summary },
    ],
    rows: histories.toReversed(),
    rowsMax,
    noun: 'alert',
  })

/** From raise to resolve. */
export const lastedText = ({ first, resolved }: AlertHistory): string =>
  resolved === null ? 'firing' : spanText(resolved.resolvedAtUs - first.raisedAtUs)

const objectivesSection = (name: string, what: string, changes: ReportDiff['sloMissed']): Section =>
  sectionOf({
    name,
    title: `${counted(changes.length, 'objective')} ${what}`,
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      { title: 'OBJECTIVE', text: ({ state }) => state.slo },
      { title: 'TARGET', align: 'right', text: ({ state }) => ppmText(state.targetPpm) },
      { title: 'COMPLIANCE', align: 'right', text: ({ state }) => sloComplianceText(state) },
      { title: 'BUDGET LEFT', align: 'right', text: ({ state }) => budgetText(state) },
    ],
    rows: changes,
    rowsMax,
    noun: 'objective',
  })

const costsSection = ({ costs }: ReportDiff): Section =>
  sectionOf({
    name: 'costs',
    title: `${counted(costs.length, 'cost')} changed`,
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      { title: 'BEFORE', align: 'right', text: ({ before }) => costText(before) },
      { title: 'NOW', align: 'right', text: ({ after }) => costText(after) },
      { title: 'CHANGE', align: 'right', text: costChangeText },
      {
        title: 'BUDGET',
        text: ({ after }) => (after?.overBudget === true ? 'over budget' : ''),
        tone: () => 'bad',
      },
    ],
    rows: costs,
    rowsMax,
    noun: 'cost',
  })

const costText = (cost: CostChange['before']): string =>
  cost === null
    ? 'none'
    : `${amountText(cost.amountMinor, cost.currency)} in ${monthText(cost.monthStartUs)}`

const costChangeText = ({ before, after }: CostChange): string =>
  before === null || after === null || before.amountMinor <= 0
    ? ''
    : changeText(before.amountMinor, after.amountMinor)

const scoresSection = ({ scores }: ReportDiff): Section =>
  sectionOf({
    name: 'scores',
    title: `${counted(scores.length, 'reliability score')} changed`,
    columns: [
      { title: 'SERVICE', text: ({ service }) => service },
      { title: 'BEFORE', align: 'right', text: ({ before }) => `${before ?? 'none'}` },
      { title: 'NOW', align: 'right', text: ({ after }) => `${after ?? 'none'}` },
    ],
    rows: scores,
    rowsMax,
    noun: 'service',
  })
