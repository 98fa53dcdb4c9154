import { LogError, type Entry, type LogPublisher } from '@tidemark/log'
import type { TopicName } from '@tidemark/model'
import type { Chronicle } from './chronicle.ts'
import type { Process } from './client/process.ts'
import type { Draws } from './random.ts'
import type { Attempt, JournalEntry, Outcome } from './run.ts'

/** Entries for one partition, published in one append, and again as they are when nobody knows whether they arrived. */
export type Publication = {
  readonly publication: number
  readonly topic: TopicName
  readonly partition: number
  readonly entries: readonly JournalEntry[]
}

export type PublishingParts = {
  readonly process: Process
  readonly publisher: LogPublisher
  readonly chronicle: Chronicle
  readonly draw: Draws
  /** Numbers of publications, of all producers together. */
  readonly nextPublication: () => number
}

const triesMax = 5

/** Tries until the log answers, or the producer loses patience. */
export const publish = async (
  parts: PublishingParts,
  publication: Publication,
): Promise<Outcome> => {
  const { process, draw } = parts
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(parts, publication)
    if (outcome.kind === 'acked' || draw.chance(0.1) || tries === triesMax) return outcome
    await process.sleep(draw.between(100, 1500))
  }
}

const attempt = async (parts: PublishingParts, publication: Publication): Promise<Outcome> => {
  const { chronicle, publisher, process } = parts
  const { topic, partition, entries } = publication
  const began = chronicle.moment()
  const index = chronicle.journal.length
  const noted: Attempt = {
    ...publication,
    ...{ process: process.name, began, ended: null, outcome: { kind: 'unknown' } },
  }
  chronicle.journal.push(noted)
  // Foreign producers write tombstones, which the port's own do not.
  const outcome = await publisher
    .append(topic, partition, entries as readonly Entry[])
    .then(
      ({ baseOffset, timestampMs }): Outcome => ({ kind: 'acked', baseOffset, timestampMs }),
      outcomeOf,
    )
  chronicle.journal[index] = { ...noted, ended: chronicle.moment(), outcome }
  return outcome
}

const outcomeOf = (error: unknown): Outcome => {
  if (!(error instanceof LogError)) throw error
  return error.retriable ? { kind: 'unknown' } : { kind: 'refused', code: error.code }
}
