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
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the README has no ${begin} before ${end}`)
  const lines = linesByRow(readme.slice(from + begin.length, to))
  for (const answer of answers) lines.set(answer.row, tableLines(answer))
  const table = names.flatMap((name) => lines.get(name) ?? [])
  const conditions = [...new Set(answers.map(({ machine }) => machine))]
  const about = `Taken on ${conditions.join('; ')}, the broker on the same cores; each line with its date and commit.`
  return [readme.slice(0, from + begin.length), about, [...tableHead, ...table].join('\n')]
    .join('\n\n')
    .concat('\n\n', readme.slice(to))
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
