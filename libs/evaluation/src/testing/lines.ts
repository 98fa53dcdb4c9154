import type { FleetRow, Output, Quantile } from '@tidemark/model'
import { plainMarksText } from './plain-alerts.ts'

/** Outputs in the words of the plain evaluation, so that the two can be compared. */
export const outputLines = (outputs: readonly Output[]): readonly string[] =>
  outputs.map(({ event }) => {
    switch (event.type) {
      case 'AlertRaised':
      case 'AlertSeverityChanged':
      case 'AlertMarked':
      case 'AlertAcknowledged':
      case 'AlertEscalated':
      case 'AlertResolved': {
        const { by, note, untilUs } = event.acknowledgement ?? { by: '', note: '', untilUs: '' }
        const marks = plainMarksText({
          ...event,
          silencedBy: event.silencedBy.join(' '),
          inhibitedBy: event.inhibitedBy ?? '',
          answer: event.acknowledgement === null ? '' : `${by} ${note} ${untilUs}`,
        })
        const type = event.type === 'AlertResolved' ? `${event.type} ${event.reason}` : event.type
        return `${event.windowEndUs} ${type} ${event.rule} ${event.service} ${event.severity} #${event.episode} ${event.raisedAtUs} ${marks}`
      }
      case 'ServiceAssessed':
        return assessedLine(event, event.windowEndUs)
      case 'FleetSlice': {
        const positions = event.positions.map(({ position }) => position).join(' ')
        return `${event.windowEndUs} slice after ${event.previousWindowEndUs} rows ${event.rows.length} alerts ${event.alertCount} at ${positions}`
      }
      default:
        return `unexpected ${event.type}`
    }
  })

const assessedLine = (row: FleetRow, endUs: number): string => {
  const { errorRate, availability, latency } = row.signals
  const errors = errorRate === null ? 'absent' : `${errorRate.failed}/${errorRate.total}`
  const checks =
    availability === null
      ? 'absent'
      : `${availability.total - availability.passed}/${availability.total}`
  const bounds = ({ lowUs, highUs }: Quantile): string => `${lowUs}-${highUs}`
  const quantiles =
    latency === null
      ? ''
      : [latency.p50, latency.p95, latency.p99, latency.p999].map(bounds).join(' ')
  const stale = row.stale ? ' stale' : ''
  return `${endUs} ${row.service} ${row.status}${stale} since ${row.sinceUs} errors ${errors} checks ${checks} latency ${quantiles}`
}
