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
} as const

export const alertLine = (terminal: Terminal, event: AlertEvent): string => {
  const severity = event.type === 'AlertResolved' ? '' : ` ${paintStatus(terminal, event.severity)}`
  const what = `${paint(terminal, 'bold', 'alert')}   ${alertWords[event.type]}${severity}`
  return `${clockOf(event.windowEndUs)}  ${what} [${event.rule}] ${event.summary}`
}

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
