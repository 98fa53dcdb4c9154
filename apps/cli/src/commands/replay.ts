import { existsSync, readdirSync } from 'node:fs'
import {
  comparedTopics,
  compareReplayed,
  ConfigurationMissingError,
  connect,
  copyConfigurations,
  digestOf,
  provision,
  runApp,
  storeFileOf,
  type Address,
  type App,
  type RunContext,
  type RunOptions,
  type TopicDigest,
} from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import { inputTopics, topicCatalogue, type DerivedTopic, type Layout } from '@tidemark/model'
import { apps } from '../apps.ts'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { addressIn } from '../open.ts'
import { progressOn, type Progress } from '../progress.ts'
import { tableLines } from '../table.ts'
import { uncheckedText } from '../verify/unchecked-text.ts'

export type ReplayOptions = LogOptions & { readonly into: string; readonly json?: boolean }

/**
 * Copies the inputs of a log into an empty folder, offsets and timestamps included, runs the same processors on them, and compares what
 * comes out with what stands in the log: the same keys and values per partition and source, byte for byte (I12).
 */
export const replay = async (
  options: ReplayOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  const { into } = options
  if (existsSync(into) && readdirSync(into).length > 0)
    throw new UsageError(
      `--into: ${JSON.stringify(into)} is not empty; a replay starts from nothing`,
    )
  const target: Address = { kind: 'embedded', folder: into }
  const progress = progressOn(terminal, () => performance.now())
  const { log, layout } = await connect(addressIn(options), null)
  const copy = await openEmbeddedLog({ folder: into })
  try {
    await provision(copy, { ...layout })
    await copyConfigurations(log, copy)
    const cut = await copyInputs(log, copy, layout, progress)
    for (const app of apps) {
      progress.show(`${app.name} ...`)
      await runToEnd(app, { log: copy, layout, store: storeFileOf(target) }, signal)
    }
    progress.end()
    if (signal.aborted) return 1
    const rows = await Promise.all(comparedTopics.map((topic) => compared(log, copy, topic)))
    return tell(rows, cut, options, terminal.out)
  } finally {
    await copy.close()
    await log.close()
  }
}

/** What is missing in a copy nobody brings, so there is no use in waiting for it. */
const runToEnd = async (app: App, context: RunContext, signal: AbortSignal): Promise<void> => {
  const stuck = new AbortController()
  const observe: RunOptions['observe'] = (event) => {
    if (event.kind === 'waiting') stuck.abort(event.reason)
  }
  const options: RunOptions = { untilCaughtUp: true, losses: 'any', observe }
  await runApp(app, context, options, AbortSignal.any([signal, stuck.signal]))
  if (stuck.signal.aborted)
    throw new ConfigurationMissingError(
      `${String(stuck.signal.reason)}: what was judged by it cannot be replayed`,
    )
}

/** Returns the partitions of which the log no longer keeps the first records. */
const copyInputs = async (
  from: Log,
  to: EmbeddedLog,
  { partitions }: Layout,
  progress: Progress,
): Promise<readonly string[]> => {
  const cut: string[] = []
  for (const topic of inputTopics) {
    const bounds = await from.bounds(topic)
    for (let partition = 0; partition < partitions; partition++) {
      const { startOffset, endOffset } = bounds[partition]!
      if (startOffset > 0) cut.push(`${topic}/${partition} below ${startOffset}`)
      for (let at = startOffset; at < endOffset;) {
        const batches = await from.read({ topic, partition, fromOffset: at, maxWaitMs: 1000 })
        await to.importBatches(batches)
        at = batches.nextOffset
        progress.show(`copying ${topic}/${partition}: ${at} of ${endOffset}`)
      }
    }
  }
  return cut
}

type Row = {
  readonly topic: DerivedTopic
  readonly live: TopicDigest
  readonly replayed: TopicDigest
  readonly equal: boolean
  /** Records that the live log need not hold, since later ones of their keys replace them. */
  readonly compacted: number
}

const compared = async (log: Log, copy: Log, topic: DerivedTopic): Promise<Row> => {
  const live = await digestOf(log, topic)
  const replayed = await digestOf(copy, topic)
  const equal = live.digest === replayed.digest
  if (equal || topicCatalogue[topic].cleanup !== 'compact')
    return { topic, live, replayed, equal, compacted: 0 }
  const { differences, removed, compacted } = await compareReplayed(log, copy, topic)
  return { topic, live, replayed, equal: differences + removed === 0, compacted }
}

const tell = (
  rows: readonly Row[],
  cut: readonly string[],
  { into, json }: ReplayOptions,
  out: (text: string) => void,
): ExitCode => {
  const equal = rows.every((row) => row.equal)
  if (json === true) out(JSON.stringify({ into, equal, cut, topics: rows }))
  else {
    for (const line of tableLines(columns, rows)) out(line)
    for (const { topic, compacted: records } of rows)
      if (records > 0) out(`not compared: ${uncheckedText({ kind: 'compacted', topic, records })}`)
    out(equal ? `equal: ${into} holds the same facts, byte for byte` : different(cut))
  }
  return equal ? 0 : 1
}

const different = (cut: readonly string[]): string =>
  cut.length === 0
    ? 'different: has the live log processed all of its inputs? Stop it, let "tidemark start --exit-when-caught-up" finish, and replay again'
    : `different: the log no longer keeps ${cut.join(', ')}, so what rested on these records cannot come out again. "tidemark ledger" on the copy counts them as lost, and "tidemark windows" marks what they touched as incomplete`

const columns = [
  { title: 'topic', text: ({ topic }: Row) => topic },
  { title: 'live', align: 'right', text: ({ live }: Row) => String(live.records) },
  { title: 'replayed', align: 'right', text: ({ replayed }: Row) => String(replayed.records) },
  { title: 'sha-256', text: ({ replayed }: Row) => replayed.digest.slice(0, 16) },
  { title: '', text: ({ equal }: Row) => (equal ? 'equal' : 'different') },
] as const
