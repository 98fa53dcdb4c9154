import type { RecordBatches, TidemarkEvent } from '@tidemark/model'

/** Decodes batches of a derived topic, one record after the other. What it gives is used up before the next call. */
export type RecordReader = {
  readonly open: (batches: RecordBatches) => void
  /** Null at the end of the batches. */
  readonly next: () => DecodedRecord | null
}

export type DecodedRecord = { readonly offset: number; readonly event: TidemarkEvent }
