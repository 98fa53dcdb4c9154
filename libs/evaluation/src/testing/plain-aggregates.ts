import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import {
  closedThrough,
  compareUtf8,
  contentId,
  digestOf,
  emptyLedger,
  inputTopics,
  windowStartOf,
  type AggregateEvent,
  type Fact,
  type HealthWindowClosed,
  type InputCause,
  type InputTopic,
  type Layout,
  type RequestWindowClosed,
  type Stretch,
} from '@tidemark/model'

/** An input record of a test: when the log stored it, and the events in it; none make it a tick. One of `facts` may hold a fact. */
export type TestRecord = {
  readonly timestampMs: number
  readonly events: readonly TestEvent[]
  readonly fact?: Fact
}

/** A request, or a health check on `health-checks`. */
export type TestEvent = {
  readonly service: string
  readonly atUs: number
  readonly ok: boolean
  readonly latencyUs: number
}

export type TestRecords = { readonly [T in InputTopic]: readonly TestRecord[] }
export type TestAggregates = { readonly [T in InputTopic]: readonly AggregateEvent[] }

/** What an aggregator writes for these records, one list a source: the plain rules of design.md section 3, without speed. */
export const plainAggregates = (
  layout: Layout,
  partition: number,
  records: TestRecords,
): TestAggregates => ({
  requests: aggregatesOf(layout, partition, 'requests', records.requests),
  'health-checks': aggregatesOf(layout, partition, 'health-checks', records['health-checks']),
  facts: aggregatesOf(layout, partition, 'facts', records.facts),
})

/** The sources merged as `order` says: the n-th entry names the source whose next event comes; what is left comes at the end. */
export const interleave = (
  aggregates: TestAggregates,
  order: readonly InputTopic[],
): readonly AggregateEvent[] => {
  const rest = Object.fromEntries(inputTopics.map((topic) => [topic, [...aggregates[topic]]]))
  const picked = order.flatMap((topic) => rest[topic]?.shift() ?? [])
  return [...picked, ...inputTopics.flatMap((topic) => rest[topic] ?? [])]
}

/** The sources merged by their clocks, as an aggregator that keeps up writes them: each advance with the windows before it. */
export const inClockOrder = (aggregates: TestAggregates): readonly AggregateEvent[] => {
  const chunks = inputTopics.flatMap((topic) => {
    const ofTopic: { readonly clockMs: number; readonly events: AggregateEvent[] }[] = []
    let events: AggregateEvent[] = []
    for (const event of aggregates[topic]) {
      events.push(event)
      if (event.type !== 'PartitionAdvanced') continue
      ofTopic.push({ clockMs: event.clockMs, events })
      events = []
    }
    return ofTopic
  })
  return chunks.toSorted((a, b) => a.clockMs - b.clockMs).flatMap(({ events }) => events)
}

type Placed = { readonly event: TestEvent; readonly offset: number }

const aggregatesOf = (
  layout: Layout,
  partition: number,
  topic: InputTopic,
  records: readonly TestRecord[],
): readonly AggregateEvent[] => {
  const { windowUs, graceUs } = layout
  const written: AggregateEvent[] = []
  let open: Placed[] = []
  let clockMs: number | null = null
  records.forEach(({ timestampMs, events, fact }, offset) => {
    const beforeMs: number | null = clockMs
    clockMs = Math.max(beforeMs ?? 0, timestampMs)
    const closedUs = closedThrough(clockMs, windowUs, graceUs)
    const isClosed = ({ event }: Placed): boolean => endOf(event, windowUs) <= closedUs
    const rows = groupRows(open.filter(isClosed), windowUs)
    open = open.filter((placed) => !isClosed(placed))
    const causeAt = (index: number): InputCause => ({ topic, partition, offset, index })
    for (const [index, row] of rows.entries())
      written.push(closedRow(layout, causeAt(index), row, endOf(row[0].event, windowUs)))
    const advances = beforeMs === null || closedUs > closedThrough(beforeMs, windowUs, graceUs)
    if (advances)
      written.push({
        type: 'PartitionAdvanced',
        cause: causeAt(rows.length),
        id: contentId(`${topic} ${offset}`),
        topic,
        partition,
        clockMs,
        position: offset,
        ledger: emptyLedger,
        unwatched: unwatchedOf(layout, beforeMs, clockMs),
        late: [],
      })
    if (fact !== undefined) {
      const index = rows.length + (advances ? 1 : 0)
      const id = contentId(`fact ${offset}`)
      written.push({ type: 'FactApplied', cause: causeAt(index), id, clockMs, fact })
    }
    open.push(...events.map((event) => ({ event, offset })).filter((placed) => !isClosed(placed)))
  })
  return written
}

const unwatchedOf = (layout: Layout, beforeMs: number | null, clockMs: number): Stretch | null => {
  const watchedMs = Math.max(layout.windowUs / 1000, 3 * layout.tickIntervalMs)
  const fromMs = beforeMs ?? 0
  return clockMs - fromMs > watchedMs ? { fromMs, toMs: clockMs } : null
}

const endOf = ({ atUs }: TestEvent, windowUs: number): number =>
  windowStartOf(atUs, windowUs) + windowUs

type Row = readonly [Placed, ...Placed[]]

/** In (window end, service) order. */
const groupRows = (placed: readonly Placed[], windowUs: number): readonly Row[] => {
  const rows = new Map<string, [Placed, ...Placed[]]>()
  for (const one of placed) {
    const key = `${endOf(one.event, windowUs)} ${one.event.service}`
    const row = rows.get(key)
    if (row === undefined) rows.set(key, [one])
    else row.push(one)
  }
  return [...rows.values()].sort(
    ([{ event: a }], [{ event: b }]) =>
      endOf(a, windowUs) - endOf(b, windowUs) || compareUtf8(a.service, b.service),
  )
}

const closedRow = (
  layout: Layout,
  cause: InputCause,
  row: Row,
  windowEndUs: number,
): RequestWindowClosed | HealthWindowClosed => {
  const { service } = row[0].event
  const failed = row.filter(({ event }) => !event.ok).length
  const offsets = row.map(({ offset }) => offset)
  const common = {
    cause,
    id: contentId(`${cause.topic} ${cause.offset} ${cause.index}`),
    service,
    overflow: false,
    windowStartUs: windowEndUs - layout.windowUs,
    windowEndUs,
    identityChecked: true,
    incomplete: false,
    input: {
      topic: cause.topic === 'requests' ? ('requests' as const) : ('health-checks' as const),
      partition: cause.partition,
      firstOffset: Math.min(...offsets),
      lastOffset: Math.max(...offsets),
      records: new Set(offsets).size,
      events: row.length,
      digest: digestOf(0, row.length),
    },
  }
  if (cause.topic !== 'requests')
    return {
      type: 'HealthWindowClosed',
      ...common,
      passed: row.length - failed,
      failed,
      checks: [],
    }
  const histogram = emptyHistogram(layout.histogram)
  for (const { event } of row) record(histogram, event.latencyUs)
  return {
    type: 'RequestWindowClosed',
    ...common,
    total: row.length,
    failed,
    statuses: [{ status: 200, events: row.length }],
    overRange: histogram.overRange,
    latencyUsMax: histogram.maxUs,
    histogram: encodeV2(histogram),
    operations: [],
  }
}
