import type { RecordBatches, TidemarkEvent } from '@tidemark/model'

/** Decodes batches of a derived topic, one record after the other. An event that it gave stays as it is. */
export type RecordReader = {
  readonly open: (batches: RecordBatches) => void
  /** Null at the end of the batches. */
  readonly next: () => DecodedRecord | null
}

export type DecodedRecord = { readonly offset: number; readonly event: TidemarkEvent }
