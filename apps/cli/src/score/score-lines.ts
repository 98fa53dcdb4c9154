import { durationText } from '@tidemark/configuration'
import { percentText } from '@tidemark/evaluation'
import { isoOf } from '@tidemark/model'
import {
  pagesPerDayMicro,
  precisionOf,
  recallOf,
  type Episode,
  type Ratio,
  type RuleScore,
  type Score,
  type Spread,
  type Truth,
} from '@tidemark/scoring'
import { printable } from '../printable.ts'
import { tableLines, type Column } from '../table.ts'
import { paint, paintStatus, type Terminal } from '../terminal.ts'

/** Missed faults and false alerts that are named; the rest is counted. */
const namedMax = 20

/** A score for people: a row per rule, the total, what was missed, and what was told for nothing. */
export const scoreLines = (terminal: Terminal, score: Score): readonly string[] => {
  const { slackUs, observedUs, rules, total, missed, falseAlerts } = score
  const rows = [...rules, { rule: 'total', ...total }]
  const table = tableLines(columnsOf(observedUs), rows)
  return [
    ...table.slice(0, -1),
    paint(terminal, 'bold', table.at(-1)!),
    '',
    `${durationText(observedUs)} observed; an alert may be about a fault until ${durationText(slackUs)} after its end; times are least, median, most`,
    ...named(missed, 'fault missed', 'faults missed', missedLine),
    ...named(falseAlerts, 'false alert', 'false alerts', (episode) => falseLine(terminal, episode)),
  ]
}

type Row = { readonly rule: string } & RuleScore

const columnsOf = (observedUs: number): readonly Column<Row>[] => [
  { title: 'rule', text: ({ rule }) => rule },
  { title: 'true', align: 'right', text: ({ trueEpisodes }) => String(trueEpisodes) },
  { title: 'false', align: 'right', text: ({ falseEpisodes }) => String(falseEpisodes) },
  { title: 'precision', align: 'right', text: (row) => ratioText(precisionOf(row)) },
  { title: 'detected', align: 'right', text: ({ detected, faults }) => `${detected}/${faults}` },
  { title: 'recall', align: 'right', text: (row) => ratioText(recallOf(row)) },
  { title: 'detected after', text: ({ timeToDetect }) => spreadText(timeToDetect) },
  { title: 'resolved after', text: (row) => resolvedText(row) },
  { title: 'pages', align: 'right', text: ({ pages }) => String(pages) },
  { title: 'a day', align: 'right', text: (row) => perDayText(row, observedUs) },
]

const absent = '-'

const ratioText = (ratio: Ratio): string =>
  ratio === null ? absent : percentText(ratio.part, ratio.whole)

/** Least, median and most. */
const spreadText = (spread: Spread | null): string => {
  if (spread === null) return absent
  const { minUs, medianUs, maxUs } = spread
  if (minUs === maxUs) return durationText(minUs)
  return [minUs, medianUs, maxUs].map(durationText).join(' ')
}

const resolvedText = ({ timeToResolve, resolvedEarly, unresolved }: RuleScore): string =>
  [
    ...(timeToResolve === null ? [] : [spreadText(timeToResolve)]),
    ...(resolvedEarly === 0 ? [] : [`${resolvedEarly} early`]),
    ...(unresolved === 0 ? [] : [`${unresolved} open`]),
  ].join(', ') || absent

/** One decimal, rounded half up. */
const perDayText = (row: RuleScore, observedUs: number): string => {
  const micro = pagesPerDayMicro(row, observedUs)
  if (micro === null) return absent
  const tenths = (micro + 50_000n) / 100_000n
  return `${tenths / 10n}.${tenths % 10n}`
}

const named = <T>(
  items: readonly T[],
  one: string,
  many: string,
  lineOf: (item: T) => string,
): readonly string[] => {
  if (items.length === 0) return []
  const rest = items.length - namedMax
  return [
    '',
    `${items.length} ${items.length === 1 ? one : many}:`,
    ...items.slice(0, namedMax).map((item) => `  ${lineOf(item)}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ]
}

const missedLine = ({ service, fault, fromUs, toUs, detect }: Truth): string =>
  `${printable(fault)} of ${service}, ${isoOf(fromUs)} to ${isoOf(toUs)}, not told as ${detect ?? absent}`

const falseLine = (terminal: Terminal, { rule, steps, raisedAtUs, summary }: Episode): string => {
  const { severity } = steps.at(-1)!
  return `${paintStatus(terminal, severity)} ${isoOf(raisedAtUs)} ${rule} ${printable(summary)}`
}
