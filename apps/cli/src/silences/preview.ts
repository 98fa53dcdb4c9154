import {
  alertHistories,
  labelsOf,
  matcherOf,
  matchersText,
  type AlertHistory,
} from '@tidemark/evaluation'
import { isoOf, type FleetRow, type Matcher } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { counted } from '../counted.ts'
import { tableLines } from '../table.ts'

/** What a silence would hide. */
export type SilencePreview = {
  readonly matchers: readonly Matcher[]
  /** Services whose alerts it may hide, of so many. */
  readonly services: readonly string[]
  readonly servicesKnown: number
  readonly firing: readonly AlertHistory[]
  /** Alerts that were up in the last seven days, those that fire included. */
  readonly recent: readonly AlertHistory[]
}

const recentUs = 7 * 86_400_000_000

/** Labels that a service has by itself; the others are an alert's. */
export const serviceLabels = ['service', 'team', 'tier', 'registered'] as const
export const isServiceLabel = (label: string): boolean =>
  (serviceLabels as readonly string[]).includes(label)

export const silencePreview = async (
  store: SnapshotStore,
  matchers: readonly Matcher[],
): Promise<SilencePreview> => {
  const rows = await store.assessments()
  const newestUs = rows.reduce((us, { windowEndUs }) => Math.max(us, windowEndUs), 0)
  const isOf = matcherOf(matchers.filter(({ label }) => isServiceLabel(label)))
  const isHidden = matcherOf(matchers)
  const events = await store.alertEvents({
    ...{ state: 'any', limit: 0 },
    upAfterUs: Math.max(0, newestUs - recentUs),
  })
  const recent = alertHistories(events).filter(({ newest }) => isHidden(labelsOf(newest)))
  return {
    matchers,
    services: rows.filter((row) => isOf(labelsOfService(row))).map(({ service }) => service),
    servicesKnown: rows.length,
    firing: recent.filter(({ resolved }) => resolved === null),
    recent,
  }
}

/** Absent ones are left out, as on alerts. */
const labelsOfService = ({ service, team, tier, registered }: FleetRow): Map<string, string> =>
  new Map([
    ['service', service],
    ['registered', String(registered)],
    ...(team === null ? [] : [['team', team] as const]),
    ...(tier === null ? [] : [['tier', tier] as const]),
  ])

export const previewJson = (preview: SilencePreview) => ({
  matchers: matchersText(preview.matchers),
  services: preview.services,
  servicesKnown: preview.servicesKnown,
  firing: preview.firing.map(alertShort),
  recent: preview.recent.map(alertShort),
})

const alertShort = ({ first, newest, resolved }: AlertHistory) => ({
  alertId: first.alertId,
  rule: first.rule,
  service: first.service,
  severity: newest.severity,
  raisedAt: isoOf(first.raisedAtUs),
  resolvedAt: resolved && isoOf(resolved.resolvedAtUs),
})

/** Names that are written out; more are counted. */
const namesMax = 20

export const previewLines = (preview: SilencePreview): readonly string[] => {
  const { services, servicesKnown, firing, recent } = preview
  const named = services.slice(0, namesMax).join(', ')
  const more = services.length > namesMax ? ` and ${services.length - namesMax} more` : ''
  return [
    `${matchersText(preview.matchers)} matches ${counted(services.length, 'service')} of ${servicesKnown}${services.length === 0 ? '' : `: ${named}${more}`}`,
    firing.length === 0
      ? 'It would hide no alert that fires'
      : `It would hide ${counted(firing.length, 'alert')} that ${firing.length === 1 ? 'fires' : 'fire'}:`,
    ...(firing.length === 0 ? [] : tableLines(columns, firing.slice(0, namesMax))),
    `Of the last 7 days it would have hidden ${counted(recent.length, 'alert')}${rulesText(recent)}`,
  ]
}

const columns = [
  { title: 'id', text: ({ first }: AlertHistory) => first.alertId.slice(0, 8) },
  { title: 'severity', text: ({ newest }: AlertHistory) => newest.severity },
  { title: 'rule', text: ({ first }: AlertHistory) => first.rule },
  { title: 'alert', text: ({ latest }: AlertHistory) => latest.summary },
] as const

const rulesText = (alerts: readonly AlertHistory[]): string => {
  const rules = [...Map.groupBy(alerts, ({ first }) => first.rule)]
    .map(([rule, own]) => ({ rule, count: own.length }))
    .sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1))
  return rules.length === 0
    ? ''
    : `: ${rules.map(({ rule, count }) => `${count} of ${rule}`).join(', ')}`
}
