import { topicRecords, type PlacedRecord } from '@tidemark/assembly'
import { recordReader } from '@tidemark/codec'
import type { PartitionBounds } from '@tidemark/log'
import { topicNames, type Offset, type TopicName } from '@tidemark/model'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { withLog } from '../open.ts'
import { recordJson } from '../record-json.ts'
import { parseMoment } from '../times.ts'

export type TailOptions = LogOptions & {
  readonly from?: string
  readonly partition?: string
  readonly follow?: boolean
}

/** Records per partition that are shown when nothing says where to start. */
const lastRecords = 10
const followWaitMs = 500

/** Prints decoded records as NDJSON, one partition after the other; with --follow, whatever comes from then on as well. */
export const tail = (
  topicName: string,
  options: TailOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  const topic = topicIn(topicName)
  const { follow = false } = options
  return withLog<ExitCode>(options, null, async ({ log }) => {
    const bounds = await log.bounds(topic)
    const chosen = bounds.filter(
      ({ partition }) => options.partition === undefined || String(partition) === options.partition,
    )
    if (chosen.length === 0)
      throw new UsageError(
        `--partition: ${JSON.stringify(options.partition)} is not a partition of ${topic}, which has 0 to ${bounds.length - 1}`,
      )
    const from = startIn(options.from)
    const ends = new Map<number, Offset>()
    const show = (record: PlacedRecord): void => {
      if (from.kind !== 'time' || record.timestampMs >= from.timeMs)
        terminal.out(JSON.stringify(recordJson(record, record)))
    }
    for (const partition of chosen) {
      const start = startOffset(partition, from)
      const end = partition.endOffset
      const stretch = { topic, partition: partition.partition, fromOffset: start, toOffset: end }
      for await (const record of topicRecords(log, stretch, signal)) show(record)
      ends.set(partition.partition, end)
    }
    if (follow)
      await Promise.all(
        [...ends].map(async ([partition, offset]) => {
          const reader = recordReader()
          while (!signal.aborted) {
            const batches = await log.read({
              topic,
              partition,
              fromOffset: offset,
              maxWaitMs: followWaitMs,
              signal,
            })
            reader.open(batches)
            for (let record = reader.next(); record !== null; record = reader.next())
              show({ ...record, topic, partition })
            offset = batches.nextOffset
          }
        }),
      )
    return 0
  })
}

const topicIn = (name: string): TopicName => {
  const topic = topicNames.find((known) => known === name)
  if (topic === undefined)
    throw new UsageError(`${JSON.stringify(name)} is no topic; there are ${topicNames.join(', ')}`)
  return topic
}

type Start =
  | { readonly kind: 'last' | 'earliest' | 'latest' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'time'; readonly timeMs: number }

const startIn = (text: string | undefined): Start => {
  if (text === undefined) return { kind: 'last' }
  if (text === 'earliest' || text === 'latest') return { kind: text }
  if (/^\d{1,15}$/.test(text)) return { kind: 'offset', offset: Number(text) }
  return { kind: 'time', timeMs: parseMoment('--from', text) / 1000 }
}

const startOffset = ({ startOffset: first, endOffset }: PartitionBounds, from: Start): Offset => {
  switch (from.kind) {
    case 'latest':
      return endOffset
    case 'last':
      return Math.max(first, endOffset - lastRecords) as Offset
    case 'offset':
      return Math.min(Math.max(first, from.offset), endOffset) as Offset
    default:
      return first
  }
}
