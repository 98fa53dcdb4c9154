import type { BurnTime, EffectiveThreshold, LintReport, RuleTime } from '@tidemark/configuration'
import { durationText, pathText, ratioText } from '@tidemark/configuration'
import { tableLines, type Column } from '../table.ts'

/** Rows of a table that people read; `--json` gives all. */
const rowsMax = 40

/** What lint says of a configuration that can be used: times to page, and what thresholds come to. */
export const reportLines = ({ burns, times, thresholds }: LintReport): readonly string[] => [
  ...table('Time to page on a total outage, before window and grace', burnColumns, burns),
  ...table('Longest time from a total outage to an alert', timeColumns, times),
  ...table(
    'Thresholds of latency, and the end of the histogram slot that holds them',
    thresholdColumns,
    thresholds,
  ),
]

const table = <Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly string[] =>
  rows.length === 0
    ? []
    : [
        '',
        title,
        ...tableLines(columns, rows.slice(0, rowsMax)),
        ...(rows.length > rowsMax ? [`and ${rows.length - rowsMax} more`] : []),
      ]

const burnColumns: readonly Column<BurnTime>[] = [
  { title: 'rule', text: ({ rule }) => rule },
  { title: 'objective', text: ({ slo }) => slo },
  { title: 'target', align: 'right', text: ({ targetPpm }) => ratioText(targetPpm) },
  { title: 'severity', text: ({ severity }) => severity },
  {
    title: 'windows',
    text: ({ longUs, shortUs }) => `${durationText(longUs)}/${durationText(shortUs)}`,
  },
  { title: 'factor', align: 'right', text: ({ factor }) => factor },
  {
    title: 'time',
    align: 'right',
    text: ({ timeToPageUs }) => (timeToPageUs === null ? 'never' : aboutText(timeToPageUs)),
  },
]

const timeColumns: readonly Column<RuleTime>[] = [
  { title: 'rule', text: ({ rule }) => rule },
  { title: 'severity', text: ({ severity }) => severity },
  { title: 'objective', text: ({ slo }) => slo ?? '-' },
  { title: 'time', align: 'right', text: ({ worstUs }) => aboutText(worstUs) },
]

const thresholdColumns: readonly Column<EffectiveThreshold>[] = [
  { title: 'threshold', text: ({ path }) => pathText(path) },
  { title: 'written', align: 'right', text: ({ writtenUs }) => durationText(writtenUs) },
  { title: 'effective', align: 'right', text: ({ effectiveUs }) => millisecondsText(effectiveUs) },
]

/** `501.759ms`, however long. */
const millisecondsText = (us: number): string =>
  `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}ms`

/** To the second below a minute, to a tenth of its unit below ten of them: `52 s`, `4.3 min`, `43 min`, `1.8 d`. */
const aboutText = (us: number): string => {
  const units = [
    ['d', 86_400_000_000],
    ['h', 3_600_000_000],
    ['min', 60_000_000],
  ] as const
  for (const [name, sizeUs] of units) {
    if (us < sizeUs) continue
    const tenths = Math.round((us * 10) / sizeUs)
    return tenths < 100
      ? `${Math.floor(tenths / 10)}.${tenths % 10} ${name}`
      : `${Math.round(tenths / 10)} ${name}`
  }
  return `${Math.round(us / 1_000_000)} s`
}
