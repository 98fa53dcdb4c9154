import { derivedReader } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import type { Offset, TidemarkEvent, TopicName } from '@tidemark/model'
import type { Terminal } from '../terminal.ts'
import { boardLines, type BoardRow } from './board.ts'
import { alertLine, reportLine, statusLine } from './lines.ts'
import { screenOn } from './screen.ts'

const watched = [
  'assessments',
  'alerts',
  'platform-reports',
] as const satisfies readonly TopicName[]
const pollMs = 500

/**
 * Shows what the derived topics say from now on: a line for each status change, alert and report, and the table of services.
 * `known` are the services as they stood before.
 */
export const watch = async (
  log: Log,
  known: readonly BoardRow[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> => {
  const screen = screenOn(terminal)
  const rows = new Map(known.map((row) => [row.service, row]))
  let asOfUs: number | null = null
  const show = (event: TidemarkEvent): void => {
    switch (event.type) {
      case 'ServiceAssessed': {
        const before = rows.get(event.service)?.status ?? 'new'
        if (before !== event.status) screen.line(statusLine(terminal, before, event))
        rows.set(event.service, event)
        asOfUs = Math.max(asOfUs ?? 0, event.windowEndUs)
        return
      }
      case 'AlertRaised':
      case 'AlertSeverityChanged':
      case 'AlertAcknowledged':
      case 'AlertEscalated':
      case 'AlertMarked':
      case 'AlertResolved':
        screen.line(alertLine(terminal, event))
        return
      case 'PlatformReported':
        screen.line(reportLine(terminal, event))
        return
      default:
    }
  }
  const draw = (): void => {
    screen.table(boardLines(terminal, asOfUs, [...rows.values()]))
  }
  draw()
  await Promise.all(watched.map((topic) => followTopic(log, topic, show, draw, signal)))
}

const followTopic = async (
  log: Log,
  topic: TopicName,
  show: (event: TidemarkEvent) => void,
  shown: () => void,
  signal: AbortSignal,
): Promise<void> => {
  const bounds = await log.bounds(topic)
  await Promise.all(
    bounds.map(async ({ partition, endOffset }) => {
      const reader = derivedReader()
      let fromOffset: Offset = endOffset
      while (!signal.aborted) {
        const batches = await log.read({ topic, partition, fromOffset, maxWaitMs: pollMs, signal })
        reader.open(batches)
        let count = 0
        for (let record = reader.next(); record !== null; record = reader.next()) {
          count++
          show(record.event)
        }
        if (count > 0) shown()
        fromOffset = batches.nextOffset
      }
    }),
  )
}
