import {
  rejectReasons,
  type InputEvent,
  type InputTopic,
  type Layout,
  type Ledger,
  type Output,
  type RejectReason,
} from '@tidemark/model'
import type { sum64 } from '@tidemark/wire'

/** A record as its content was meant: an event, or why it is none. */
export type ReferenceRecord = {
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly content: InputEvent | RejectReason
}

/** How far the reference has come in a partition. */
export type Run = {
  readonly layout: Layout
  readonly topic: InputTopic
  readonly partition: number
  readonly outputs: Output[]
  clockMs: number | null
  /** By window end. */
  readonly windows: Map<number, PlainWindow>
  readonly ledger: {
    events: number
    aggregated: number
    late: number
    duplicate: number
    rejected: Map<RejectReason, number>
    lost: number
  }
  readonly late: Map<string, number>
  /** The clock in front of each gap and behind it: null before any record, undefined until one comes. */
  readonly gaps: Span[]
  /** Those that no PartitionAdvanced has told of. */
  untold: Span[]
}
export type Span = { readonly fromMs: number | null; toMs: number | null | undefined }

export type PlainWindow = { rows: Map<string, PlainRow>; identities: number }
export type PlainRow = {
  service: string
  overflow: boolean
  identities: Set<string>
  identityChecked: boolean
  placed: Placed[]
  /** Row of each event's operation or check: text, or null for the overflow. */
  names: Set<string>
}

/** One event of a record, on its own. */
export type Single = {
  readonly index: number
  readonly service: string
  readonly name: string
  readonly atUs: number
  readonly identity: string | null
  readonly mix: (sum: ReturnType<typeof sum64>) => void
  readonly request: { latencyUs: number; status: number; failed: boolean } | null
  readonly passed: boolean
}
export type Placed = {
  readonly single: Single
  readonly offset: number
  readonly name: string | null
}

export const emptyCounts = (): Run['ledger'] => ({
  ...{ events: 0, aggregated: 0, late: 0, duplicate: 0, lost: 0 },
  rejected: new Map(),
})

export const isWithinGap = ({ layout, gaps }: Run, windowStartUs: number): boolean =>
  gaps.some(
    ({ toMs }) => typeof toMs === 'number' && windowStartUs <= toMs * 1000 + layout.maxFutureSkewUs,
  )

export const closedEnd = ({ windowUs, graceUs }: Layout, clockMs: number): number => {
  let endUs = 0
  // In steps, far from the beginning by a jump that keeps the grid.
  endUs = Math.floor((clockMs * 1000 - graceUs) / windowUs) * windowUs - 2 * windowUs
  while (clockMs * 1000 >= endUs + windowUs + graceUs) endUs += windowUs
  return endUs
}

export const ledgerOf = ({ ledger: { rejected: reasons, lost, ...counts } }: Run): Ledger => ({
  ...counts,
  rejected: rejectReasons
    .filter((reason) => reasons.has(reason))
    .map((reason) => ({ reason, events: reasons.get(reason)! })),
  lost,
})
