import type { Answer } from './row.ts'
import { tableHead, tableLines } from './table.ts'

const begin = '<!-- bench:report writes from here -->'
const end = '<!-- to here -->'

/** The README with the lines of these answers in place of older ones of the same rows, rows in the order of `names`. */
export const withAnswers = (
  readme: string,
  names: readonly string[],
  answers: readonly Answer[],
): string => {
  const [from, to] = placeOf(readme, begin)
  const lines = linesByRow(readme.slice(from, to))
  for (const answer of answers) lines.set(answer.row, tableLines(answer))
  const table = names.flatMap((name) => lines.get(name) ?? [])
  const conditions = [...new Set(answers.map(({ machine }) => machine))]
  const about = `Taken on ${conditions.join('; ')}, the broker on the same cores; each line with its date and commit.`
  return [readme.slice(0, from), about, [...tableHead, ...table].join('\n')]
    .join('\n\n')
    .concat('\n\n', readme.slice(to))
}

/** The README with a table of a row's own between the markers that name the row. */
export const withOwnTable = (readme: string, row: string, lines: readonly string[]): string => {
  const ownBegin = `<!-- bench:report writes ${row} from here -->`
  const [from, to] = placeOf(readme, ownBegin)
  return `${readme.slice(0, from)}\n\n${lines.join('\n')}\n\n${readme.slice(to)}`
}

/** Behind the marker that begins a place, and before the one that ends it. */
const placeOf = (readme: string, marker: string): readonly [from: number, to: number] => {
  const at = readme.indexOf(marker)
  const to = readme.indexOf(end, at)
  if (at < 0 || to < 0) throw new Error(`the README has no ${marker} before ${end}`)
  return [at + marker.length, to]
}

/** The first line of a row names it in backquotes; lines with an empty first cell go on with it. */
const linesByRow = (table: string): Map<string, string[]> => {
  const byRow = new Map<string, string[]>()
  let current: string[] | undefined
  for (const line of table.split('\n')) {
    const name = /^\| \*\*.*\(`([a-z0-9-]+)`,/.exec(line)?.[1]
    if (name !== undefined) byRow.set(name, (current = []))
    else if (!line.startsWith('|  |')) current = undefined
    current?.push(line)
  }
  return byRow
}
