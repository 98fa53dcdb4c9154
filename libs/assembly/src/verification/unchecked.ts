import type { DerivedTopic, InputTopic, Offset } from '@tidemark/model'

/** What a verification could not check, or checked in another way, and why. Times are ends of windows, or closes. */
export type Unchecked =
  /** Retention has removed the inputs below an offset; what they caused is compared from a moment on. */
  | {
      readonly kind: 'inputs-removed'
      readonly topic: InputTopic
      readonly partition: number
      readonly startOffset: Offset
      readonly fromUs: number | null
    }
  /** Windows that lack records which a recovery of the aggregator missed: what follows the last of them is compared, from a moment on. */
  | {
      readonly kind: 'incomplete'
      readonly topic: InputTopic
      readonly partition: number
      readonly fromUs: number
    }
  /** Nothing says what stood in the ledger where the range begins: there the emitted one is believed, and the differences are compared. */
  | { readonly kind: 'ledger'; readonly topic: InputTopic; readonly partition: number }
  /** Inputs that the aggregator had not committed when the verification began. What was emitted of them is compared all the same. */
  | {
      readonly kind: 'tail'
      readonly topic: InputTopic
      readonly partition: number
      readonly position: Offset
      readonly endOffset: Offset
    }
  /** Nothing says what the evaluator knew where the range begins: health, alerts and slices are compared from then on, or (null) not at all. */
  | { readonly kind: 'judgements'; readonly partition: number; readonly fromUs: number | null }
  /** Platform reports need all partitions: left out, or compared from the first window on that all of them tell of. */
  | { readonly kind: 'reports'; readonly fromUs: number | null }
  /** Retention or compaction has removed emitted records. */
  | {
      readonly kind: 'outputs-removed' | 'compacted'
      readonly topic: DerivedTopic
      readonly records: number
    }
  /** Repeats that stand so far behind what they repeat that their bytes were not compared. */
  | { readonly kind: 'repeats'; readonly topic: DerivedTopic; readonly records: number }
