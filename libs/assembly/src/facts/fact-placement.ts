import { encode, EncodeError, partitionOfService } from '@tidemark/codec'
import { isControlFact, keyOfEvent } from '@tidemark/model'
import { FactError, type FactRecord } from './fact-record.ts'

/** The records that a fact stands in: the same one in each of these partitions of `facts`. */
export type FactPlacement = {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly partitions: readonly number[]
}

/** FactError where it is none that could be read. */
export const factPlacement = (fact: FactRecord, partitions: number): FactPlacement => {
  try {
    return {
      key: Buffer.from(keyOfEvent(fact) ?? '', 'utf8'),
      value: encode(fact),
      partitions: partitionsOfFact(fact, partitions),
    }
  } catch (error) {
    if (error instanceof EncodeError) throw new FactError(error.message, { cause: error })
    throw error
  }
}

const partitionsOfFact = (fact: FactRecord, partitions: number): readonly number[] => {
  if (fact.type === 'LossAccepted') return [fact.partition]
  if (!isControlFact(fact)) return [partitionOfService(fact.service, partitions).partition]
  return Array.from({ length: partitions }, (_, partition) => partition)
}
