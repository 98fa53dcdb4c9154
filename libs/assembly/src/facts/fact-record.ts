import type { Fact, LossAccepted } from '@tidemark/model'

/** What producers of `facts` write, ticks aside. */
export type FactRecord = Fact | LossAccepted

/** A fact that would be refused when it is read. Nothing was published. */
export class FactError extends Error {
  readonly code = 'fact'
  readonly retriable = false
}
