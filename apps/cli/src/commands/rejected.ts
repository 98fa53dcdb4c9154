import { decode, lineOf } from '@tidemark/codec'
import { isoOf, type RecordRejected } from '@tidemark/model'
import type { CommandContext, ExitCode } from '../context.ts'
import { counted } from '../counted.ts'
import { integerIn } from '../integers.ts'
import { withLog } from '../open.ts'
import { printable } from '../printable.ts'
import { choiceOf, chosenRejections, placeOf, type ChoiceOptions } from '../rejected/choice.ts'
import { tableLines, type Column } from '../table.ts'

export type RejectedOptions = ChoiceOptions & {
  readonly limit: string
  readonly json?: boolean
}

/** Lists what was refused, in the order of its causes; as a table only the last ones, as JSON each as it is read. */
export const rejected = (
  options: RejectedOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  const choice = choiceOf(options)
  const limit = integerIn('--limit', options.limit, 1, 100_000)
  return withLog<ExitCode>(options, null, async ({ log }) => {
    let records = 0
    let events = 0
    let last: RecordRejected[] = []
    for await (const rejection of chosenRejections(log, choice, signal)) {
      records++
      events += eventsOf(rejection)
      if (options.json === true) terminal.out(JSON.stringify(rejectionJson(rejection)))
      else last.push(rejection)
      if (last.length >= 2 * limit) last = last.slice(-limit)
    }
    if (options.json === true) return 0
    const shown = last.slice(-limit)
    for (const line of tableLines(columns, shown)) terminal.out(line)
    const left = records - shown.length
    terminal.out(
      `${counted(records, 'record')}, ${counted(events, 'event')}${left > 0 ? `; ${left} earlier not shown (--limit)` : ''}`,
    )
    return 0
  })
}

/** No indexes: the whole record, which counts as one event. */
const eventsOf = ({ indexes }: RecordRejected): number => Math.max(1, indexes.length)

const columns: readonly Column<RecordRejected>[] = [
  { title: 'time', text: ({ timestampMs }) => isoOf(timestampMs * 1000) },
  { title: 'record', text: placeOf },
  { title: 'reason', text: ({ reason }) => reason },
  { title: 'events', align: 'right', text: (rejection) => String(eventsOf(rejection)) },
  { title: 'detail', text: ({ detail }) => printable(detail) },
]

/** With the bytes in base64, and with the event where they hold one. */
const rejectionJson = (rejection: RecordRejected): object => {
  const { cause, reason, detail, indexes, timestampMs, key, value, valueBytes } = rejection
  const decoded = decode(value)
  return {
    record: placeOf(rejection),
    topic: cause.topic,
    partition: cause.partition,
    offset: cause.offset,
    timestamp: isoOf(timestampMs * 1000),
    reason,
    detail,
    events: eventsOf(rejection),
    indexes,
    key: base64(key),
    value: base64(value),
    valueBytes,
    event: decoded.ok ? (JSON.parse(lineOf(decoded.event)) as object) : null,
  }
}

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64')
