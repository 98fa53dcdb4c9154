/** A column of a table for people. */
export type TextColumn<Row> = {
  readonly title: string
  readonly text: (row: Row) => string
  readonly align?: 'right'
  /** Left out where the table is too wide, the highest first; without it the column always stays. */
  readonly drop?: number
  /** Adds colour to a cell. */
  readonly paint?: (row: Row, text: string) => string
}

/**
 * Rows as lines of aligned columns under a line of titles. A column that says nothing in any row is left out; where the table is wider than
 * `width`, so are columns that may be dropped, and the last column goes on in lines of its own. No rows: no lines.
 */
export const textTable = <Row>(
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
  width = Number.MAX_SAFE_INTEGER,
): readonly string[] => {
  if (rows.length === 0) return []
  const filled = columns
    .map((column) => measured(column, rows))
    .filter(({ cells }) => cells.some((cell) => cell !== '' && cell !== absentText))
  const shown = fitting(filled, width)
  return [
    ...linesOf(shown, ({ column }) => column.title, plain, width),
    ...rows.flatMap((row, at) =>
      linesOf(
        shown,
        ({ cells }) => cells[at] ?? '',
        ({ column }, text) => column.paint?.(row, text) ?? text,
        width,
      ),
    ),
  ]
}

const plain = (_: unknown, text: string): string => text

/** Where there is nothing to show. */
export const absentText = '-'

/** Characters, as code points: nothing that we print is wider than one cell. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const _ of text) width++
  return width
}

/** Text cut at spaces into lines of at most so many characters; a longer word stands alone. */
export const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

type Measured<Row> = {
  readonly column: TextColumn<Row>
  readonly cells: readonly string[]
  readonly width: number
}

const measured = <Row>(column: TextColumn<Row>, rows: readonly Row[]): Measured<Row> => {
  const cells = rows.map((row) => column.text(row))
  const width = cells.reduce(
    (widest, cell) => Math.max(widest, widthOf(cell)),
    widthOf(column.title),
  )
  return { column, cells, width }
}

const gap = '  '
/** What the last column needs at least before it is better wrapped than narrowed. */
const lastWidthMin = 30

/** Width of all columns but the last, gaps included. */
const indentOf = <Row>(columns: readonly Measured<Row>[]): number =>
  columns.slice(0, -1).reduce((sum, { width }) => sum + width + gap.length, 0)

const fitting = <Row>(
  columns: readonly Measured<Row>[],
  widthMax: number,
): readonly Measured<Row>[] => {
  const last = columns.at(-1)?.width ?? 0
  const most = columns.reduce((drop, { column }) => Math.max(drop, column.drop ?? 0), 0)
  return indentOf(columns) + Math.min(last, lastWidthMin) <= widthMax || most === 0
    ? columns
    : fitting(
        columns.filter(({ column }) => column.drop !== most),
        widthMax,
      )
}

const linesOf = <Row>(
  columns: readonly Measured<Row>[],
  cellOf: (column: Measured<Row>) => string,
  paint: (column: Measured<Row>, text: string) => string,
  widthMax: number,
): readonly string[] => {
  const indent = indentOf(columns)
  const last = columns.at(-1)
  if (last === undefined) return []
  const [head = '', ...more] = wrapped(cellOf(last), Math.max(lastWidthMin, widthMax - indent))
  const padded = (text: string, { column, width }: Measured<Row>): string => {
    const padding = ' '.repeat(Math.max(0, width - widthOf(text)))
    return column.align === 'right' ? padding + text : text + padding
  }
  const before = columns.slice(0, -1).map((each) => paint(each, padded(cellOf(each), each)) + gap)
  const end = last.column.align === 'right' ? padded(head, last) : head
  return [
    `${before.join('')}${paint(last, end)}`.trimEnd(),
    ...more.map((rest) => ' '.repeat(indent) + paint(last, rest)),
  ]
}
