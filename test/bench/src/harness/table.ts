import type { Answer, Kept, Promised } from './row.ts'

export const tableHead = [
  '| what | figure | median (least to largest) | goal | |',
  '| --- | --- | --- | --- | --- |',
] as const

/** A line of the table for every promise of a row; the first one names the row and its conditions. */
export const tableLines = ({ row, title, conditions, promises, commit, date }: Answer): string[] =>
  promises.map((promise, i) => {
    const what =
      i === 0 ? `**${title}**: ${conditions} (\`${row}\`, ${date.slice(0, 10)}, ${commit})` : ''
    const cells = [what, figureOf(promise), valuesOf(promise), goalOf(promise), verdictOf(promise)]
    return `| ${cells.join(' | ')} |`
  })

const figureOf = ({ what, side, against, above }: Promised): string => {
  if (above !== undefined) return `${what}, ${side} - ${above}`
  if (against === undefined) return `${side}: ${what}`
  return `${what}, ${side} / ${typeof against === 'string' ? against : 'the least of all'}`
}

const valuesOf = ({ values: { min, median, max } }: Kept): string =>
  `${short(median)} (${short(min)} to ${short(max)})`

const goalOf = ({ goal }: Promised): string => {
  if (goal === undefined) return ''
  return 'atLeast' in goal ? `at least ${short(goal.atLeast)}` : `at most ${short(goal.atMost)}`
}

const verdictOf = ({ isReached }: Kept): string =>
  isReached === null ? '' : isReached ? 'reached' : '**missed**'

/** Three figures that count: 0.0123, 1.23, 123, 12.3 k, 1.23 M. */
export const short = (value: number): string => {
  const [divisor, suffix] =
    Math.abs(value) >= 1e6 ? [1e6, ' M'] : Math.abs(value) >= 1e4 ? [1e3, ' k'] : [1, '']
  const scaled = value / divisor
  const plain =
    Math.abs(scaled) >= 100 ? String(Math.round(scaled)) : Number(scaled.toPrecision(3)).toString()
  return plain + suffix
}
