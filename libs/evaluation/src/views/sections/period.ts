import { isoOf, severities, type Severity } from '@tidemark/model'
import { counted, spanText } from '../../format.ts'
import type { AlertHistory } from '../alert-history.ts'
import { lastedText } from '../diff-text.ts'
import { sectionOf, type Section } from '../section.ts'
import { severityTone, withMarks } from './alerts.ts'

type RuleTotal = {
  readonly rule: string
  readonly severity: Severity
  readonly alerts: number
  readonly firing: number
  readonly services: number
  readonly upUs: number
}

/** What each rule raised in some time: the worst severity it reached, how often, for how many services, how long together. */
export const alertSummarySection = (
  alerts: readonly AlertHistory[],
  fromUs: number,
  toUs: number,
): Section =>
  sectionOf({
    name: 'rules',
    title: counted(alerts.length, 'alert'),
    columns: [
      { title: 'RULE', text: ({ rule }) => rule },
      {
        title: 'WORST',
        text: ({ severity }) => severity,
        tone: ({ severity }) => severityTone(severity),
      },
      { title: 'ALERTS', align: 'right', text: ({ alerts: count }) => `${count}` },
      { title: 'STILL FIRING', align: 'right', text: ({ firing }) => `${firing}` },
      { title: 'SERVICES', align: 'right', text: ({ services }) => `${services}` },
      { title: 'TIME UP', align: 'right', text: ({ upUs }) => spanText(upUs) },
    ],
    rows: ruleTotals(alerts, fromUs, toUs),
    rowsMax: 50,
    noun: 'rule',
  })

const ruleTotals = (
  alerts: readonly AlertHistory[],
  fromUs: number,
  toUs: number,
): readonly RuleTotal[] =>
  [...Map.groupBy(alerts, ({ first }) => first.rule)]
    .map(([rule, own]): RuleTotal => ({
      rule,
      severity: worstOf(own),
      alerts: own.length,
      firing: own.filter(({ resolved }) => resolved === null).length,
      services: new Set(own.map(({ first }) => first.service)).size,
      upUs: own.reduce((sum, each) => sum + upWithinUs(each, fromUs, toUs), 0),
    }))
    .toSorted((a, b) => b.alerts - a.alerts || (a.rule < b.rule ? -1 : 1))

const worstOf = (alerts: readonly AlertHistory[]): Severity =>
  severities.find((severity) =>
    alerts.some(({ events }) => events.some((event) => event.severity === severity)),
  ) ?? 'warning'

const upWithinUs = ({ first, resolved }: AlertHistory, fromUs: number, toUs: number): number =>
  Math.max(0, Math.min(resolved?.resolvedAtUs ?? toUs, toUs) - Math.max(first.raisedAtUs, fromUs))

/** The alerts of some time, the newest first. */
export const periodAlertsSection = (alerts: readonly AlertHistory[], rowsMax: number): Section =>
  sectionOf({
    name: 'period-alerts',
    title:
      alerts.length > rowsMax ? `The newest ${rowsMax} of ${alerts.length}` : 'The newest first',
    columns: [
      {
        title: 'SEVERITY',
        text: ({ newest }) => newest.severity,
        tone: ({ newest }) => severityTone(newest.severity),
      },
      { title: 'RAISED', text: ({ first }) => isoOf(first.raisedAtUs) },
      { title: 'LASTED', align: 'right', text: lastedText },
      { title: 'RULE', text: ({ first }) => first.rule },
      { title: 'ALERT', text: ({ latest, newest }) => withMarks(latest.summary, newest) },
    ],
    rows: alerts.toReversed(),
    rowsMax,
    noun: 'alert',
  })
