import { aggregator } from '@tidemark/aggregator'
import { ledgerOf } from '@tidemark/aggregation'
import { connect, operate, operationSettings, runApp, topicRecords } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import { measured } from '../harness/measured.ts'

// Lets the aggregator catch up over the log in a folder, as `tidemark start --exit-when-caught-up` does, and says what that took. Then
// reads back what was committed: every event is in a closed window, or in one that is still open. Arguments: folder, events.

const [folder, expected] = [process.argv[2]!, Number(process.argv[3])]

/** Events in closed windows, and the windows. */
const closedIn = async (log: Log): Promise<{ readonly events: number; readonly rows: number }> => {
  let [events, rows] = [0, 0]
  for (const { partition, startOffset, endOffset } of await log.bounds('aggregates')) {
    const stretch = { partition, fromOffset: startOffset, toOffset: endOffset }
    for await (const { decoded } of topicRecords(log, { topic: 'aggregates', ...stretch })) {
      if (!decoded.ok || decoded.event.type !== 'RequestWindowClosed') continue
      events += decoded.event.total
      rows++
    }
  }
  return { events, rows }
}

const settings = operationSettings({}, { logLevel: 'warn', logFormat: 'json' })
if (typeof settings === 'string') throw new Error(settings)
const operated = {
  process,
  signal: new AbortController().signal,
  write: (line: string) => void process.stderr.write(line),
}
process.exitCode = await operate('aggregator', settings, operated, async (operation) => {
  const { log, layout } = await connect({ kind: 'embedded', folder }, null, operation.observeLog)
  operation.begin(log, 1)
  const context = { log, layout, store: '' }
  const { observe } = operation
  const took = await measured(() =>
    runApp(aggregator, context, { untilCaughtUp: true, observe }, operated.signal),
  )
  const residentBytesMax = process.resourceUsage().maxRSS * 1024
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const states = await log.checkpoints('aggregator', layout.partitions)
  const sources = states.flatMap(({ checkpoint }) => ledgerOf(checkpoint!))
  const sum = (of: (source: (typeof sources)[number]) => number): number =>
    sources.reduce((total, source) => total + of(source), 0)
  const aggregated = sum(({ ledger }) => ledger.aggregated)
  const open = sum((source) => source.open)
  const closed = await closedIn(log)
  if (aggregated !== expected || closed.events + open !== expected || closed.rows === 0)
    throw new Error(
      `${expected} events; ${aggregated} aggregated, ${closed.events} in ${closed.rows} windows, ${open} in open ones`,
    )
  const heldBytes = heapUsed + external
  console.log(
    JSON.stringify({ events: expected, ...took, residentBytesMax, heldBytes, rows: closed.rows }),
  )
  await log.close()
})
