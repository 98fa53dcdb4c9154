import { latencyText, percentText } from '@tidemark/evaluation'
import { isoOf, type FleetRow, type HealthStatus, type Signals } from '@tidemark/model'
import { tableLines, type Column } from '../table.ts'
import { paint, paintStatus, type Terminal } from '../terminal.ts'

/** A service on the board; without signals until its first window was judged. */
export type BoardRow = Pick<FleetRow, 'service' | 'status' | 'sinceUs' | 'stale' | 'signals'>

/** The table of services, worst first, under a line that says as of when. */
export const boardLines = (
  terminal: Terminal,
  asOfUs: number | null,
  rows: readonly BoardRow[],
): string[] => {
  const sorted = [...rows].sort(
    (a, b) => rank(a.status) - rank(b.status) || (a.service < b.service ? -1 : 1),
  )
  const title =
    asOfUs === null
      ? 'waiting for the first window to close'
      : `as of ${clockOf(asOfUs)} (end of the newest judged window)`
  return ['', paint(terminal, 'dim', title), ...tableLines(columnsOn(terminal), sorted)]
}

const order: readonly HealthStatus[] = [
  'down',
  'critical',
  'degraded',
  'unknown',
  'maintenance',
  'healthy',
]
const rank = (status: HealthStatus): number => order.indexOf(status)

/** Time of day in UTC. */
export const clockOf = (atUs: number): string => `${isoOf(atUs).slice(11, 19)}Z`

const columnsOn = (terminal: Terminal): readonly Column<BoardRow>[] => [
  { title: 'service', text: ({ service }) => service },
  {
    title: 'status',
    text: ({ status, stale }) => (stale ? `${status} (stale)` : status),
    paint: ({ status }, padded) => paintStatus(terminal, status, padded),
  },
  { title: 'since', text: ({ sinceUs }) => (sinceUs === 0 ? '' : clockOf(sinceUs)) },
  { title: 'requests', align: 'right', text: ({ signals }) => count(signals) },
  { title: 'errors', align: 'right', text: ({ signals: { errorRate } }) => errorText(errorRate) },
  { title: 'p50', align: 'right', text: ({ signals }) => quantileText(signals, 'p50') },
  { title: 'p95', align: 'right', text: ({ signals }) => quantileText(signals, 'p95') },
  { title: 'p99', align: 'right', text: ({ signals }) => quantileText(signals, 'p99') },
  {
    title: 'checks passed',
    align: 'right',
    text: ({ signals: { availability } }) => passedText(availability),
  },
]

const absent = '-'

const count = ({ errorRate, latency }: Signals): string =>
  errorRate === null ? (latency === null ? absent : String(latency.count)) : String(errorRate.total)

const errorText = (rate: Signals['errorRate']): string =>
  rate === null ? absent : percentText(rate.failed, rate.total)

const passedText = (rate: Signals['availability']): string =>
  rate === null ? absent : percentText(rate.passed, rate.total)

const quantileText = ({ latency }: Signals, quantile: 'p50' | 'p95' | 'p99'): string =>
  latency === null ? absent : latencyText(latency[quantile].valueUs)
