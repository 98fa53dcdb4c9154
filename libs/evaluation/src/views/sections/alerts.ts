import { isoOf, type AlertMarks, type FleetAlert, type Severity } from '@tidemark/model'
import { counted, minuteText } from '../../format.ts'
import type { PlatformReport } from '../../platform.ts'
import { sectionOf, type ColumnOf, type Section, type Tone } from '../section.ts'

/** What fires, the most severe and newest first, each with its marks. */
export const alertsSection = (report: PlatformReport, rowsMax: number): Section =>
  sectionOf({
    name: 'alerts',
    title:
      report.alertCount === 0
        ? 'No alerts firing'
        : `${counted(report.alertCount, 'alert')} firing`,
    columns: alertColumns,
    rows: report.alerts,
    rowsMax,
    omitted: report.alertsOmitted,
    noun: 'alert',
  })

export const severityTone = (severity: Severity): Tone => (severity === 'warning' ? 'poor' : 'bad')

const alertColumns: readonly ColumnOf<FleetAlert>[] = [
  {
    title: 'SEVERITY',
    text: ({ severity }) => severity,
    tone: ({ severity }) => severityTone(severity),
  },
  { title: 'RAISED', text: ({ raisedAtUs }) => isoOf(raisedAtUs), drop: 1 },
  { title: 'RULE', text: ({ rule }) => rule },
  { title: 'ALERT', text: (alert) => withMarks(alert.summary, alert) },
]

/** A summary with what else is to be said of the alert in brackets behind it. */
export const withMarks = (summary: string, marks: AlertMarks): string => {
  const words = markWords(marks)
  return words.length === 0 ? summary : `${summary} [${words.join(', ')}]`
}

/** The marks of an alert in words; none: empty. */
export const markWords = ({
  flapping,
  silencedBy,
  inhibitedBy,
  acknowledgement,
  escalation,
}: AlertMarks): readonly string[] => [
  ...(flapping ? ['flapping'] : []),
  ...(silencedBy.length > 0 ? ['silenced'] : []),
  ...(inhibitedBy === null ? [] : ['inhibited']),
  ...(acknowledgement === null ? [] : [acknowledgementText(acknowledgement)]),
  ...(escalation === 0 ? [] : [escalation === 1 ? 'escalated' : `escalated ${escalation} times`]),
]

const acknowledgementText = ({
  by,
  untilUs,
}: NonNullable<AlertMarks['acknowledgement']>): string => {
  const who = by === null ? '' : ` by ${by}`
  return untilUs === null ? `acknowledged${who}` : `snoozed${who} until ${minuteText(untilUs)}`
}
