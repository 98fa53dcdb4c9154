import { wantedOf, type Gap } from '@tidemark/aggregation'
import { PositionError, type Log } from '@tidemark/log'
import {
  inputTopics,
  keyOfEvent,
  type InputTopic,
  type Layout,
  type LossAccepted,
  type Offset,
} from '@tidemark/model'
import { topicRecords } from './topic-records.ts'

/** A gap in front of which the aggregator stands. */
export type InputGap = Gap & {
  /** What is below was read: it counts as lost no more, but is missing in the windows that were open. */
  readonly position: Offset
}

/** The records that recoveries of the aggregator's tasks want and the log no longer keeps. */
export const inputGaps = async (
  log: Pick<Log, 'bounds' | 'checkpoints'>,
  { partitions }: Pick<Layout, 'partitions'>,
): Promise<readonly InputGap[]> => {
  const states = await log.checkpoints('aggregator', partitions)
  const bounds = new Map(
    await Promise.all(inputTopics.map(async (topic) => [topic, await log.bounds(topic)] as const)),
  )
  return states.flatMap(({ task: partition, checkpoint }) =>
    wantedOf(checkpoint).flatMap(({ topic, from, position }) => {
      const toOffset = bounds.get(topic)?.find((of) => of.partition === partition)?.startOffset
      return toOffset === undefined || toOffset <= from
        ? []
        : [{ topic, partition, fromOffset: from, toOffset, position }]
    }),
  )
}

/**
 * The gaps whose loss was accepted as a fact. Throws `error` again, in an operator's words, where the gap that it met is not among them:
 * nobody accepted it, or it has grown since.
 */
export const acceptedGaps = async (
  log: Log,
  layout: Layout,
  error: PositionError,
): Promise<readonly Gap[]> => {
  const isMet = ({ topic, partition }: Gap): boolean =>
    topic === error.topic && partition === error.partition
  const gaps = await inputGaps(log, layout)
  const accepted: Gap[] = []
  for (const gap of gaps) if (await isAccepted(log, gap)) accepted.push(gap)
  if (!accepted.some(isMet)) throw explained(error)
  return accepted
}

/** What to do about records that are gone, behind what the error says. */
export const explained = (error: PositionError): PositionError => {
  const { topic, partition, position, startOffset } = error
  if (position > startOffset) return error
  return new PositionError(
    error,
    isInput(topic)
      ? `To go on without them, accept that they stay uncounted: "tidemark accept-loss ${topic} ${partition}" on this log, then start again.`
      : `They were written by an earlier stage and can be had again: "tidemark replay" computes them from the inputs that are kept.`,
  )
}

/** Whether a gap is one that the aggregator may be told to pass. */
export const isInputGap = ({ topic, position, startOffset }: PositionError): boolean =>
  isInput(topic) && position < startOffset

const isInput = (topic: string): topic is InputTopic =>
  (inputTopics as readonly string[]).includes(topic)

/** Facts are kept for ever and a gap is rare, so the partition is read from its beginning. */
const isAccepted = async (log: Log, gap: Gap): Promise<boolean> => {
  const bounds = (await log.bounds('facts')).find(({ partition }) => partition === gap.partition)
  if (bounds === undefined) return false
  const { startOffset: fromOffset, endOffset: toOffset } = bounds
  const stretch = { topic: 'facts', partition: gap.partition, fromOffset, toOffset } as const
  for await (const { decoded, key } of topicRecords(log, stretch))
    if (decoded.ok && decoded.event.type === 'LossAccepted' && fits(decoded.event, key, gap))
      return true
  return false
}

/** A fact covers exactly what it names: where more has gone since, that is another gap. */
const fits = (fact: LossAccepted, key: Uint8Array | null, gap: Gap): boolean =>
  fact.topic === gap.topic &&
  fact.partition === gap.partition &&
  fact.fromOffset === gap.fromOffset &&
  fact.toOffset === gap.toOffset &&
  key !== null &&
  Buffer.from(key).toString('utf8') === keyOfEvent(fact)
