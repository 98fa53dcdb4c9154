import { recordReader } from '@tidemark/codec'
import type { Offset, RecordBatches, TidemarkEvent } from '@tidemark/model'

export type DerivedRecord = { readonly offset: Offset; readonly event: TidemarkEvent }

export type DerivedReader = {
  readonly open: (batches: RecordBatches) => void
  /** Null at the end of the batches. UnexpectedRecordError on what Tidemark did not write. */
  readonly next: () => DerivedRecord | null
}

/** A derived topic holds something that is not Tidemark's, or that a newer version of it wrote. */
export class UnexpectedRecordError extends Error {
  readonly code = 'unexpected_record'
  readonly retriable = false
}

/**
 * Reads the events of derived topics. Only Tidemark writes these, so what does not decode is no bad input to be set aside but a broken
 * log, and whoever reads it stops.
 */
export const derivedReader = (): DerivedReader => {
  const reader = recordReader()
  let where = ''
  return {
    open: (batches) => {
      where = `${batches.topic}/${batches.partition}`
      reader.open(batches)
    },
    next: () => {
      const record = reader.next()
      if (record === null) return null
      const { offset, decoded } = record
      if (!decoded.ok)
        throw new UnexpectedRecordError(
          `${where}, offset ${offset}: ${decoded.reason}: ${decoded.detail}`,
        )
      return { offset, event: decoded.event }
    },
  }
}
