import {
  attributesAt,
  controlBit,
  crc32c,
  transactionalBit,
  writeRecordBatch,
} from '@tidemark/wire'
import type { BatchNumbers } from './partition.ts'

export type Ending = 'commit' | 'abort'

/**
 * The marker of a transaction's end, as Kafka's coordinator writes it (kafka.apache.org/documentation, "Control Batches"): one record, its
 * key version 0 and type 0 (abort) or 1 (commit), its value version 0 and the coordinator's epoch.
 */
export const controlBatch = (
  ending: Ending,
  offset: number,
  timestampMs: number,
  { producerId, producerEpoch }: BatchNumbers,
): Uint8Array => {
  const key = Uint8Array.of(0, 0, 0, ending === 'commit' ? 1 : 0)
  const entry = { key, value: new Uint8Array(6), timestampMs }
  const bytes = writeRecordBatch([entry], offset, null, { producerId, producerEpoch, sequence: -1 })
  bytes[attributesAt + 1]! |= controlBit | transactionalBit
  const view = new DataView(bytes.buffer)
  view.setUint32(attributesAt - 4, crc32c(bytes, attributesAt))
  return bytes
}
