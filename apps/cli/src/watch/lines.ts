import { withMarks } from '@tidemark/evaluation'
import type { AlertEvent, PlatformReported, ServiceAssessed } from '@tidemark/model'
import { counted } from '../counted.ts'
import { paint, paintStatus, type Terminal } from '../terminal.ts'
import { clockOf } from './board.ts'

const alertWords = {
  AlertRaised: 'raised',
  AlertSeverityChanged: 'changed',
  AlertAcknowledged: 'acknowledged',
  AlertEscalated: 'escalated',
  AlertMarked: 'marked',
  AlertResolved: 'resolved',
} as const satisfies { readonly [T in AlertEvent['type']]: string }

export const alertLine = (terminal: Terminal, event: AlertEvent): string => {
  const isOver = event.type === 'AlertResolved'
  const severity = isOver ? '' : ` ${paintStatus(terminal, event.severity)}`
  const word = wordFor(event)
  const what = `${paint(terminal, 'bold', 'alert')}   ${word}${severity}`
  const words = isOver ? event.summary : withMarks(event.summary, event)
  return `${clockOf(event.windowEndUs)}  ${what} [${event.rule}] ${words}`
}

/** The answer has ended where there is none any more. */
const wordFor = (event: AlertEvent): string =>
  event.type === 'AlertAcknowledged' && event.acknowledgement === null
    ? 'unanswered'
    : alertWords[event.type]

export const statusLine = (
  terminal: Terminal,
  before: string,
  { service, status, windowEndUs }: ServiceAssessed,
): string =>
  `${clockOf(windowEndUs)}  status  ${service}: ${before} -> ${paintStatus(terminal, status)}`

export const reportLine = (terminal: Terminal, report: PlatformReported): string => {
  const counts = Object.entries(report.summary)
    .filter(([, services]) => services > 0)
    .map(([status, services]) => `${services} ${status}`)
    .join(', ')
  const health = paintStatus(terminal, report.overallHealth)
  return `${clockOf(report.asOfUs)}  report  platform ${health}: ${counts || 'no services'}; ${counted(report.alertCount, 'alert')} firing`
}
