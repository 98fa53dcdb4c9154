import {
  canonicalJson,
  compareUtf8,
  contentId,
  isFact,
  keyOfEvent,
  serviceNameFault,
  textFault,
  type DerivedEvent,
  type Fact,
  type InputCause,
  type InputEvent,
  type InputTopic,
  type Layout,
  type Ledger,
  type LossAccepted,
  type Output,
  type RejectReason,
  type Tick,
} from '@tidemark/model'
import { addBatchIdentity, addIdentity, encodeUtf8 } from '@tidemark/wire'
import { isSenseless, uuidBytes } from './avro-events.ts'
import { closedRow, advanced, rejected } from './reference-outputs.ts'
import {
  closedEnd,
  emptyCounts,
  ledgerOf,
  type Run,
  type Span,
  type PlainWindow,
  type PlainRow,
  type Single,
  type ReferenceRecord,
} from './reference-run.ts'

export type ReferenceResult = {
  readonly outputs: readonly Output[]
  readonly ledger: Ledger
  /** Aggregated events in windows that are still open. */
  readonly open: number
}

/** A fold that stood at `position`, with no window saved, lost its open windows and all records below `toOffset`. */
export type ReferenceGap = { readonly position: number; readonly toOffset: number }

/**
 * What the aggregator must make of one input partition, written plainly: decoded events, maps keyed by text, every latency kept.
 * Details of refusals are left empty.
 */
export const reference = (
  layout: Layout,
  topic: InputTopic,
  partition: number,
  records: readonly ReferenceRecord[],
  gaps: readonly ReferenceGap[] = [],
): ReferenceResult => {
  const run: Run = {
    layout,
    topic,
    partition,
    outputs: [],
    clockMs: null,
    windows: new Map(),
    ledger: emptyCounts(),
    late: new Map(),
    gaps: [],
    untold: [],
  }
  const gone = [...gaps]
  let position = 0
  const passGaps = (offset: number): void => {
    for (let gap = gone[0]; gap !== undefined && gap.position <= offset; gap = gone[0]) {
      gone.shift()
      lose(run, records, gap)
      position = Math.max(position, gap.toOffset)
    }
  }
  for (const input of records) {
    passGaps(input.offset)
    if (input.offset < position) continue
    step(run, input)
    position = input.offset + 1
  }
  passGaps(Infinity)
  const windows = [...run.windows.values()]
  return { outputs: run.outputs, ledger: ledgerOf(run), open: sum(windows.flatMap(eventsOf)) }
}

const step = (run: Run, input: ReferenceRecord): void => {
  const { layout } = run
  let index = 0
  const cause = (): InputCause => ({
    topic: run.topic,
    partition: run.partition,
    offset: input.offset,
    index: index++,
  })
  const before = run.clockMs
  const clockMs = Math.max(before ?? 0, input.timestampMs)
  run.clockMs = clockMs
  for (const gap of run.gaps) gap.toMs ??= clockMs
  const closed = closedEnd(layout, clockMs)
  if (before === null || closed > closedEnd(layout, before)) {
    const due = [...run.windows.keys()].filter((endUs) => endUs <= closed).sort((a, b) => a - b)
    for (const endUs of due) closeWindow(run, endUs, cause)
    run.outputs.push({ topic: 'aggregates', event: advanced(run, input, before, clockMs, cause()) })
    run.late.clear()
    run.untold = []
  }
  place(run, input, closed, cause)
}

/** Places the events of a record, and counts them. */
const place = (run: Run, input: ReferenceRecord, closed: number, cause: () => InputCause): void => {
  const { layout, ledger } = run
  const reject = (reason: RejectReason, indexes: readonly number[], events: number): void => {
    ledger.events += events
    ledger.rejected.set(reason, (ledger.rejected.get(reason) ?? 0) + events)
    run.outputs.push({ topic: 'rejected', event: rejected(run, input, reason, indexes, cause()) })
  }
  if (typeof input.content === 'string') {
    reject(input.content, [], 1)
    return
  }
  if (isControl(input.content)) return
  if (isFact(input.content)) {
    const reason = factRefusal(layout, input, input.content)
    if (reason !== null) {
      reject(reason, [], 1)
      return
    }
    ledger.events++
    ledger.aggregated++
    run.outputs.push({ topic: 'aggregates', event: applied(run, input, input.content, cause()) })
    return
  }
  const { service } = input.content
  if (serviceNameFault(service) !== null) {
    reject('bad_value', [], 1)
    return
  }
  if (input.key === null || !sameBytes(input.key, encodeUtf8(service))) {
    reject('bad_key', [], 1)
    return
  }
  const singles = singlesOf(input)
  const bad = singles.filter(isBad)
  const future = singles.filter(
    (single) => !isBad(single) && single.atUs > input.timestampMs * 1000 + layout.maxFutureSkewUs,
  )
  for (const [reason, refused] of [
    ['bad_value', bad],
    ['future', future],
  ] as const)
    if (refused.length > 0)
      reject(
        reason,
        refused.map((single) => single.index),
        refused.length,
      )
  const checked = new Map<PlainRow, { checking: boolean; fresh: number }>()
  for (const single of singles) {
    if (bad.includes(single) || future.includes(single)) continue
    ledger.events++
    placeSingle(run, input, single, closed, checked)
  }
}

const factRefusal = (
  layout: Layout,
  { key, timestampMs }: ReferenceRecord,
  fact: Fact,
): RejectReason | null => {
  if (isSenseless(fact)) return 'bad_value'
  if (key === null || !sameBytes(key, encodeUtf8(keyOfEvent(fact)!))) return 'bad_key'
  return fact.atUs > timestampMs * 1000 + layout.maxFutureSkewUs ? 'future' : null
}

const applied = (
  { topic, partition, clockMs }: Run,
  { offset }: ReferenceRecord,
  fact: Fact,
  cause: InputCause,
): DerivedEvent => ({
  type: 'FactApplied',
  cause,
  id: contentId(canonicalJson(['FactApplied', topic, partition, offset])),
  clockMs: clockMs!,
  fact,
})

const lose = (
  run: Run,
  records: readonly ReferenceRecord[],
  { position, toOffset }: ReferenceGap,
): void => {
  const span: Span = { fromMs: run.clockMs, toMs: toOffset > position ? undefined : run.clockMs }
  run.gaps.push(span)
  run.untold.push(span)
  run.windows.clear()
  const { outputs, ledger, late, clockMs } = run
  if (clockMs !== null)
    for (const input of records.filter(({ offset }) => offset >= toOffset && offset < position)) {
      const again = { ...run, outputs: [], ledger: emptyCounts(), late: new Map<string, number>() }
      const cause = { topic: run.topic, partition: run.partition, offset: input.offset, index: 0 }
      place(again, input, closedEnd(run.layout, clockMs), () => cause)
    }
  Object.assign(run, { outputs, ledger, late })
  ledger.lost += Math.max(0, toOffset - position)
}

const placeSingle = (
  run: Run,
  { offset, content }: ReferenceRecord,
  single: Single,
  closed: number,
  checked: Map<PlainRow, { checking: boolean; fresh: number }>,
): void => {
  const { layout, ledger } = run
  const { limits, windowUs } = layout
  const endUs = Math.floor(single.atUs / windowUs) * windowUs + windowUs
  if (endUs <= closed) {
    ledger.late++
    const name =
      run.late.has(single.service) || run.late.size < limits.servicesPerWindow
        ? single.service
        : 'overflow'
    run.late.set(name, (run.late.get(name) ?? 0) + 1)
    return
  }
  const window = run.windows.get(endUs) ?? { rows: new Map<string, PlainRow>(), identities: 0 }
  run.windows.set(endUs, window)
  const row = plainRow(window, single.service, limits.servicesPerWindow)
  const isBatch = typeof content !== 'string' && content.type === 'RequestBatch'
  if (single.identity !== null) {
    const state = checked.get(row) ?? {
      checking: window.identities < limits.identitiesPerWindow,
      fresh: 0,
    }
    checked.set(row, state)
    if (!state.checking) row.identityChecked = false
    else if (row.identities.has(single.identity)) {
      ledger.duplicate++
      return
    } else {
      row.identities.add(single.identity)
      if (!isBatch || state.fresh++ % 128 === 0) window.identities++
    }
  }
  ledger.aggregated++
  const namesOfWindow = sum([...window.rows.values()].map(({ names }) => names.size))
  const fits =
    row.names.has(single.name) ||
    (row.names.size < limits.operationsPerServiceWindow &&
      namesOfWindow < limits.operationsPerWindow)
  if (fits) row.names.add(single.name)
  row.placed.push({ single, offset, name: fits ? single.name : null })
}

const plainRow = (window: PlainWindow, service: string, servicesMax: number): PlainRow => {
  const ordinary = [...window.rows.values()].filter(({ overflow }) => !overflow)
  const overflow = !window.rows.has(`s ${service}`) && ordinary.length >= servicesMax
  const key = overflow ? 'overflow' : `s ${service}`
  const row = window.rows.get(key) ?? {
    service: overflow ? 'overflow' : service,
    overflow,
    identities: new Set<string>(),
    identityChecked: true,
    placed: [],
    names: new Set<string>(),
  }
  window.rows.set(key, row)
  return row
}

/** Records that hold no event. */
const isControl = (content: InputEvent): content is Tick | LossAccepted =>
  content.type === 'Tick' || content.type === 'LossAccepted'

const singlesOf = ({ content, offset }: ReferenceRecord): readonly Single[] => {
  if (typeof content === 'string' || isControl(content) || isFact(content)) return []
  if (content.type === 'RequestBatch')
    return content.deltaUs.map((deltaUs, index) => ({
      index,
      service: content.service,
      name: content.operations[content.operation[index]!]!,
      atUs: content.baseUs + deltaUs,
      identity: `${content.batchId}/${index}`,
      mix: (sum) => addBatchIdentity(sum, uuidBytes(content.batchId), 0, index),
      request: {
        latencyUs: content.latencyUs[index]!,
        status: content.status[index]!,
        failed: content.failures.includes(index),
      },
      passed: false,
    }))
  const { id, service, atUs } = content
  const isRequest = content.type === 'RequestObserved'
  return [
    {
      index: 0,
      service,
      name: isRequest ? content.operation : content.check,
      atUs,
      identity: id,
      mix: (sum) => addIdentity(sum, id === null ? offsetBytes(offset) : uuidBytes(id), 0),
      request: isRequest
        ? { latencyUs: content.latencyUs, status: content.status, failed: !content.success }
        : null,
      passed: !isRequest && content.passed,
    },
  ]
}

const offsetBytes = (offset: number): Uint8Array => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(offset), true)
  return bytes
}

const isBad = ({ atUs, name, request }: Single): boolean =>
  !Number.isSafeInteger(atUs) ||
  atUs < 0 ||
  textFault('name', name) !== null ||
  (request !== null && (request.latencyUs < 0 || request.status < 0 || request.status > 999))

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])

const closeWindow = (run: Run, endUs: number, cause: () => InputCause): void => {
  const rows = [...(run.windows.get(endUs)?.rows.values() ?? [])]
  rows.sort((a, b) => compareUtf8(a.service, b.service) || (a.overflow ? 1 : -1))
  for (const row of rows)
    run.outputs.push({ topic: 'aggregates', event: closedRow(run, endUs, row, cause()) })
  run.windows.delete(endUs)
}

const eventsOf = ({ rows }: PlainWindow): number[] =>
  [...rows.values()].map(({ placed }) => placed.length)

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
