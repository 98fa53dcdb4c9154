import { topicRecords } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import {
  inputTopics,
  rejectReasons,
  type InputTopic,
  type RecordRejected,
  type RejectReason,
} from '@tidemark/model'
import { UsageError, type LogOptions } from '../context.ts'
import { parseMoment } from '../times.ts'

export type ChoiceOptions = LogOptions & {
  readonly reason?: string
  readonly topic?: string
  readonly from?: string
  readonly to?: string
}

/** Which refused records are meant; null: any. */
export type Choice = {
  readonly reason: RejectReason | null
  readonly topic: InputTopic | null
  /** By the timestamp of the refused record, the end excluded. */
  readonly fromUs: number | null
  readonly toUs: number | null
  /** TOPIC/PARTITION@OFFSET of the refused records; empty: any. */
  readonly places: ReadonlySet<string>
}

/** UsageError where an option names what there is not. */
export const choiceOf = (options: ChoiceOptions, places: readonly string[] = []): Choice => ({
  reason: oneOf('--reason', options.reason, rejectReasons),
  topic: oneOf('--topic', options.topic, inputTopics),
  fromUs: options.from === undefined ? null : parseMoment('--from', options.from),
  toUs: options.to === undefined ? null : parseMoment('--to', options.to),
  places: new Set(places.map(knownPlace)),
})

export const placeOf = ({ cause: { topic, partition, offset } }: RecordRejected): string =>
  `${topic}/${partition}@${offset}`

/** What `rejected` holds of the chosen ones, each refusal once, partition by partition in the order of their causes. */
export async function* chosenRejections(
  log: Log,
  choice: Choice,
  signal: AbortSignal,
): AsyncGenerator<RecordRejected> {
  for (const { partition, startOffset, endOffset } of await log.bounds('rejected')) {
    const stretch = { topic: 'rejected', partition } as const
    const last = new Map<InputTopic, RecordRejected>()
    const records = topicRecords(
      log,
      { ...stretch, fromOffset: startOffset, toOffset: endOffset },
      signal,
    )
    for await (const { decoded } of records) {
      if (!decoded.ok || decoded.event.type !== 'RecordRejected') continue
      const { event } = decoded
      const before = last.get(event.cause.topic)
      // Where delivery is at least once, what was written before a crash is written again after it.
      if (before !== undefined && !isAfter(event, before)) continue
      last.set(event.cause.topic, event)
      if (isChosen(choice, event)) yield event
    }
  }
}

const isAfter = ({ cause }: RecordRejected, { cause: before }: RecordRejected): boolean =>
  cause.offset > before.offset || (cause.offset === before.offset && cause.index > before.index)

const isChosen = (
  { reason, topic, fromUs, toUs, places }: Choice,
  event: RecordRejected,
): boolean => {
  const us = event.timestampMs * 1000
  return (
    (reason === null || event.reason === reason) &&
    (topic === null || event.cause.topic === topic) &&
    (fromUs === null || us >= fromUs) &&
    (toUs === null || us < toUs) &&
    (places.size === 0 || places.has(placeOf(event)))
  )
}

const oneOf = <T extends string>(
  option: string,
  value: string | undefined,
  allowed: readonly T[],
): T | null => {
  if (value === undefined) return null
  const known = allowed.find((each) => each === value)
  if (known === undefined)
    throw new UsageError(`${option}: ${JSON.stringify(value)} is none of ${allowed.join(', ')}`)
  return known
}

const knownPlace = (text: string): string => {
  const topic = inputTopics.find((each) => text.startsWith(`${each}/`))
  if (topic === undefined || !/^\d{1,4}@\d{1,15}$/.test(text.slice(topic.length + 1)))
    throw new UsageError(
      `${JSON.stringify(text)} is not TOPIC/PARTITION@OFFSET of an input topic, like requests/0@17; "tidemark rejected" lists them`,
    )
  return text
}
