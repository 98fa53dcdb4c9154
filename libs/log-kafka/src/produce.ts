import type { RawRequest } from './kafkajs-internals.ts'
import { answerReader, int16, int32, nullableString } from './protocol-bytes.ts'

/** One batch for one partition: no question holds two, so that an answer says all there is to say about it. */
export type ProduceQuestion = {
  readonly name: string
  readonly partition: number
  readonly batch: Uint8Array
  /** Null: outside of any transaction. */
  readonly transactionalId: string | null
  /** How long the leader may wait for its replicas. */
  readonly timeoutMs: number
}

export type ProduceAnswer = {
  readonly errorCode: number
  /** Offset of the batch's first record. */
  readonly baseOffset: number
  /** When the broker stamps records; null where it keeps the sender's timestamps. */
  readonly appendedAtMs: number | null
}

/** Produce v7, which every broker since 2.1 takes. Answered when all replicas in sync have the batch. */
export const produceRequest = (question: ProduceQuestion): RawRequest => {
  const { name, partition, batch, transactionalId, timeoutMs } = question
  const allReplicas = -1
  return {
    apiKey: 0,
    apiVersion: 7,
    apiName: 'Produce',
    bytes: Buffer.concat([
      nullableString(transactionalId),
      int16(allReplicas),
      int32(timeoutMs),
      // One topic with one partition.
      int32(1),
      nullableString(name),
      int32(1),
      int32(partition),
      int32(batch.length),
      batch,
    ]),
  }
}

/** Topics [name, partitions [partition 4, error 2, base offset 8, append time 8, log start 8]], throttle time 4. */
export const readProduceAnswer = (raw: Uint8Array): ProduceAnswer => {
  const reader = answerReader(raw)
  const topics = reader.int32()
  reader.string()
  const partitions = reader.int32()
  if (topics !== 1 || partitions !== 1)
    throw new RangeError(`produce answer: ${topics} topics, ${partitions} partitions, not 1 of 1`)
  reader.int32()
  const errorCode = reader.int16()
  const baseOffset = reader.int64()
  const appendedAtMs = reader.int64()
  return { errorCode, baseOffset, appendedAtMs: appendedAtMs < 0 ? null : appendedAtMs }
}
