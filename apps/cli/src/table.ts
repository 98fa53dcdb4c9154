export type Column<Row> = {
  readonly title: string
  readonly align?: 'right'
  readonly text: (row: Row) => string
  /** Adds colour to the padded text. */
  readonly paint?: (row: Row, padded: string) => string
}

/** Rows as lines of aligned columns, under a line of titles. */
export const tableLines = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string[] => {
  const cells = rows.map((row) => columns.map(({ text }) => text(row)))
  const widths = columns.map(({ title }, c) =>
    Math.max(title.length, ...cells.map((line) => line[c]!.length)),
  )
  const pad = (text: string, c: number): string =>
    columns[c]!.align === 'right' ? text.padStart(widths[c]!) : text.padEnd(widths[c]!)
  const head = columns.map(({ title }, c) => pad(title, c)).join('  ')
  const body = rows.map((row, r) =>
    columns
      .map(({ paint }, c) => {
        const padded = pad(cells[r]![c]!, c)
        return paint === undefined ? padded : paint(row, padded)
      })
      .join('  ')
      .trimEnd(),
  )
  return [head.trimEnd(), ...body]
}
