import type { RawRequest } from './kafkajs-internals.ts'
import type { ProducerIdentity } from './kafkajs-types.ts'
import {
  answerReader,
  compactArray,
  compactString,
  int16,
  int32,
  int64,
  noTaggedFields,
} from './protocol-bytes.ts'

/** A position for lag tools. */
export type GroupOffset = {
  readonly name: string
  readonly partition: number
  readonly offset: number
}

/** Which member, and since which rebalance. */
export type GroupIdentity = {
  readonly groupId: string
  readonly groupGenerationId: number
  readonly memberId: string
}

/**
 * TxnOffsetCommit v3: like kafkajs's, which ends at v1, with member and generation. So the coordinator of the group refuses it, and with it
 * the transaction, once the membership has ended. Brokers take it since 2.5.
 */
export const txnOffsetCommitRequest = (
  { transactionalId, producerId, producerEpoch }: ProducerIdentity,
  { groupId, groupGenerationId, memberId }: GroupIdentity,
  offsets: readonly GroupOffset[],
): RawRequest => {
  const topics = Map.groupBy(offsets, ({ name }) => name)
  const groupInstanceId = null
  const noLeaderEpoch = -1
  const noMetadata = null
  return {
    apiKey: 28,
    apiVersion: 3,
    apiName: 'TxnOffsetCommit',
    bytes: Buffer.concat([
      // The end of the header, which has tagged fields in this version.
      noTaggedFields,
      compactString(transactionalId),
      compactString(groupId),
      int64(producerId),
      int16(producerEpoch),
      int32(groupGenerationId),
      compactString(memberId),
      compactString(groupInstanceId),
      compactArray(
        Array.from(topics, ([name, partitions]) =>
          Buffer.concat([
            compactString(name),
            compactArray(
              partitions.map(({ partition, offset }) =>
                Buffer.concat([
                  int32(partition),
                  int64(offset),
                  int32(noLeaderEpoch),
                  compactString(noMetadata),
                  noTaggedFields,
                ]),
              ),
            ),
            noTaggedFields,
          ]),
        ),
      ),
      noTaggedFields,
    ]),
  }
}

/** The first error code that is not 0; 0 when all offsets were taken. */
export const readTxnOffsetCommitAnswer = (raw: Uint8Array): number => {
  const reader = answerReader(raw)
  let first = 0
  reader.taggedFields()
  // Throttle time.
  reader.int32()
  for (let topics = reader.compactLength(); topics > 0; topics--) {
    reader.compactString()
    for (let partitions = reader.compactLength(); partitions > 0; partitions--) {
      reader.int32()
      const errorCode = reader.int16()
      if (first === 0) first = errorCode
      reader.taggedFields()
    }
    reader.taggedFields()
  }
  return first
}
