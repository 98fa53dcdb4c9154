import type { Fact, InputTopic, Layout, RejectReason } from '@tidemark/model'
import type { LoggedRecord } from '../invariants/evidence.ts'
import { fateOf, type OracleEvent } from './fates.ts'
import { byText, countsBy, sum } from './lists.ts'

/** What the aggregator must make of one input partition. */
export type SourceOracle = {
  /** What must stand in `aggregates`, in order. */
  readonly rows: readonly SourceRow[]
  readonly rejections: readonly Rejection[]
  /** After each record, in the order of offsets. */
  readonly ledgers: readonly LedgerAt[]
}

export type SourceRow = ClosedRow | AppliedFact | Advance

/** A fact at its record; `value`: of the record. */
export type AppliedFact = {
  readonly type: 'FactApplied'
  readonly cause: Cause
  readonly clockMs: number
  readonly fact: Fact
  readonly value: Uint8Array
}

/** The events of a service in a window, as the window closed. */
export type ClosedRow = {
  readonly type: 'RequestWindowClosed' | 'HealthWindowClosed'
  readonly cause: Cause
  readonly service: string
  readonly overflow: boolean
  readonly windowEndUs: number
  readonly identityChecked: boolean
  readonly placed: readonly Placed[]
}

/** `name`: of its row in the window; null: the row above the cap. */
export type Placed = { readonly event: OracleEvent; readonly name: string | null }

export type Cause = { readonly offset: number; readonly index: number }

export type Advance = {
  readonly type: 'PartitionAdvanced'
  readonly cause: Cause
  readonly clockMs: number
  readonly position: number
  readonly ledger: PlainLedger
  readonly unwatched: { readonly fromMs: number; readonly toMs: number } | null
  readonly late: readonly { readonly service: string; readonly events: number }[]
}

export type Rejection = {
  readonly cause: Cause
  readonly reason: RejectReason
  readonly indexes: readonly number[]
  readonly record: LoggedRecord
}

export type PlainLedger = {
  readonly events: number
  readonly aggregated: number
  readonly late: number
  readonly duplicate: number
  readonly rejected: readonly { readonly reason: RejectReason; readonly events: number }[]
  /** The oracle is for runs in which nothing was removed before it was read. */
  readonly lost: 0
}

/** The ledger of everything up to a record, that one included; `open`: aggregated events in windows that are still open. */
export type LedgerAt = {
  readonly offset: number
  readonly ledger: PlainLedger
  readonly open: number
}

type OpenRow = {
  readonly service: string
  readonly overflow: boolean
  readonly windowEndUs: number
  readonly identities: Set<string>
  readonly names: string[]
  readonly placed: Placed[]
  identityChecked: boolean
}

/** Records of one partition in the order of their offsets; sizes in design.md section 3. */
export const sourceOracle = (
  layout: Layout,
  topic: InputTopic,
  records: readonly LoggedRecord[],
): SourceOracle => {
  const { windowUs, limits } = layout
  const rows: SourceRow[] = []
  const rejections: Rejection[] = []
  const ledgers: LedgerAt[] = []
  const counts = { events: 0, aggregated: 0, late: 0, duplicate: 0 }
  const rejected = new Map<RejectReason, number>()
  /** What each window's identities weigh. */
  const weights = new Map<number, number>()
  let open: OpenRow[] = []
  let lateServices: string[] = []
  let clockMs: number | null = null

  const ledger = (): PlainLedger => ({
    ...counts,
    rejected: [...rejected]
      .map(([reason, events]) => ({ reason, events }))
      .sort((a, b) => byText(a.reason, b.reason)),
    lost: 0,
  })

  const rowFor = (service: string, windowEndUs: number): OpenRow => {
    const there = open.filter((row) => row.windowEndUs === windowEndUs)
    const ordinary = there.filter(({ overflow }) => !overflow)
    const own = ordinary.find((row) => row.service === service)
    if (own !== undefined) return own
    const overflow = ordinary.length >= limits.servicesPerWindow
    const shared = there.find((row) => row.overflow)
    if (overflow && shared !== undefined) return shared
    const row: OpenRow = {
      ...{ service: overflow ? 'overflow' : service, overflow, windowEndUs },
      ...{ identities: new Set(), names: [], placed: [], identityChecked: true },
    }
    open.push(row)
    return row
  }

  for (const record of records) {
    const { offset, timestampMs } = record
    let index = 0
    const beforeMs: number | null = clockMs
    clockMs = Math.max(beforeMs ?? 0, timestampMs)
    const closedUs = newestClosed(clockMs, layout)
    if (beforeMs === null || closedUs > newestClosed(beforeMs, layout)) {
      const due = open.filter(({ windowEndUs }) => windowEndUs <= closedUs)
      open = open.filter((row) => !due.includes(row))
      for (const row of due.sort(inClosingOrder)) {
        const { service, overflow, windowEndUs, identityChecked, placed } = row
        const type = topic === 'requests' ? 'RequestWindowClosed' : 'HealthWindowClosed'
        const cause = { offset, index: index++ }
        rows.push({ type, cause, service, overflow, windowEndUs, identityChecked, placed })
      }
      const watchedMs = Math.max(windowUs / 1000, 3 * layout.tickIntervalMs)
      const isUnwatched = beforeMs === null || clockMs - beforeMs > watchedMs
      rows.push({
        type: 'PartitionAdvanced',
        cause: { offset, index: index++ },
        ...{ clockMs, position: offset, ledger: ledger() },
        unwatched: isUnwatched ? { fromMs: beforeMs ?? 0, toMs: clockMs } : null,
        late: countsBy(lateServices).map(([service, events]) => ({ service, events })),
      })
      lateServices = []
    }
    const { refusals, events, fact } = fateOf(record, topic, layout)
    if (fact !== null) {
      counts.events++
      counts.aggregated++
      const cause = { offset, index: index++ }
      rows.push({ type: 'FactApplied', cause, clockMs, fact, value: record.value! })
    }
    for (const { reason, indexes } of refusals) {
      rejections.push({ cause: { offset, index: index++ }, reason, indexes, record })
      const refused = Math.max(1, indexes.length)
      counts.events += refused
      rejected.set(reason, (rejected.get(reason) ?? 0) + refused)
    }
    counts.events += events.length
    /** Of rows that this batch met: whether its repeats are looked for, and how many events were new. */
    const met = new Map<OpenRow, { readonly checks: boolean; fresh: number }>()
    for (const event of events) {
      const windowEndUs = (Math.floor(event.atUs / windowUs) + 1) * windowUs
      if (windowEndUs <= closedUs) {
        counts.late++
        const isNamed =
          lateServices.includes(event.service) ||
          new Set(lateServices).size < limits.servicesPerWindow
        lateServices.push(isNamed ? event.service : 'overflow')
        continue
      }
      const row = rowFor(event.service, windowEndUs)
      if (event.identity !== null) {
        const weight = weights.get(windowEndUs) ?? 0
        const meeting = met.get(row) ?? { checks: weight < limits.identitiesPerWindow, fresh: 0 }
        met.set(row, meeting)
        if (!meeting.checks) row.identityChecked = false
        else if (row.identities.has(event.identity)) {
          counts.duplicate++
          continue
        } else {
          row.identities.add(event.identity)
          // 128 events of one batch weigh as much as one single event.
          if (!event.isOfBatch || meeting.fresh++ % 128 === 0) weights.set(windowEndUs, weight + 1)
        }
      }
      counts.aggregated++
      const namesThere = open
        .filter((other) => other.windowEndUs === windowEndUs)
        .map(({ names }) => names.length)
      const fits =
        row.names.includes(event.name) ||
        (row.names.length < limits.operationsPerServiceWindow &&
          sum(namesThere) < limits.operationsPerWindow)
      if (fits && !row.names.includes(event.name)) row.names.push(event.name)
      row.placed.push({ event, name: fits ? event.name : null })
    }
    ledgers.push({ offset, ledger: ledger(), open: sum(open.map(({ placed }) => placed.length)) })
  }
  return { rows, rejections, ledgers }
}

/** End of the newest window that is closed at a time of the clock. */
export const newestClosed = (
  clockMs: number,
  { windowUs, graceUs }: Pick<Layout, 'windowUs' | 'graceUs'>,
): number => Math.floor((clockMs * 1000 - graceUs) / windowUs) * windowUs

const inClosingOrder = (a: OpenRow, b: OpenRow): number =>
  a.windowEndUs - b.windowEndUs ||
  byText(a.service, b.service) ||
  Number(a.overflow) - Number(b.overflow)
