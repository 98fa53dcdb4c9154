import type { EpochMs, Offset } from '@tidemark/model'
import type { Message, Producer } from 'kafkajs'

export type Sent = {
  readonly baseOffset: Offset
  /** Where the broker stamps records; null where it keeps the sender's timestamps. */
  readonly appendedAtMs: EpochMs | null
}

/**
 * Sends messages to one partition by kafkajs's producer, which retries with the same sequence numbers. `mayTry` is asked before every try;
 * when it says no, the send fails at the latest at the next one.
 */
export const sendAll = async (
  producer: Producer,
  topic: string,
  partition: number,
  messages: readonly Message[],
  mayTry: () => boolean,
  timeoutMs: number,
): Promise<Sent> => {
  const [answer] = await producer.send({
    topic,
    acks: -1,
    timeout: timeoutMs,
    messages: groupedAlready(messages, partition, mayTry),
  })
  if (answer?.baseOffset === undefined)
    throw new Error(`kafkajs gave no base offset for ${topic}/${partition}`)
  const appendedAtMs = Number(answer.logAppendTime ?? -1)
  return {
    baseOffset: Number(answer.baseOffset) as Offset,
    appendedAtMs: appendedAtMs < 0 ? null : (appendedAtMs as EpochMs),
  }
}

/** Not retried: kafkajs looks at this field. */
class SendAbandonedError extends Error {
  readonly retriable = false
}

/**
 * kafkajs groups messages by partition with `messages.reduce`, at every try, and copies the group for each message: quadratic, measured
 * 2 s for 15,000 on a busy machine. These messages say themselves how they are grouped. It is also the one place where a try can be refused.
 */
const groupedAlready = (
  messages: readonly Message[],
  partition: number,
  mayTry: () => boolean,
): Message[] =>
  Object.assign([...messages], {
    reduce: () => {
      if (!mayTry())
        throw new SendAbandonedError(
          'the producer was given up, or no time is left for another try',
        )
      return { [partition]: messages }
    },
  })
