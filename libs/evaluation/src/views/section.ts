import { counted } from '../format.ts'
import { textTable, wrapped, type TextColumn } from './text-table.ts'

/** How a figure is to be taken; what colours it gets is a matter of where it is shown. */
export type Tone = 'bad' | 'poor' | 'good' | 'muted'

export type Cell = { readonly text: string; readonly tone: Tone | null }

/** One part of a report for people: a line that says it all, and a table that says it of each. The same for terminal, Markdown and HTML. */
export type Section = {
  readonly name: string
  readonly title: string
  readonly columns: readonly SectionColumn[]
  readonly rows: readonly (readonly Cell[])[]
  /** Rows that there are beyond those shown. */
  readonly omitted: number
  readonly noun: string
}

export type SectionColumn = Pick<TextColumn<never>, 'title' | 'align' | 'drop'>

/** A column of rows of some kind. */
export type ColumnOf<Row> = SectionColumn & {
  readonly text: (row: Row) => string
  readonly tone?: (row: Row) => Tone | null
}

export type SectionParts<Row> = {
  readonly name: string
  readonly title: string
  readonly columns: readonly ColumnOf<Row>[]
  readonly rows: readonly Row[]
  readonly rowsMax: number
  /** Rows that are not even here. */
  readonly omitted?: number
  readonly noun: string
}

export const sectionOf = <Row>(parts: SectionParts<Row>): Section => {
  const { name, title, columns, rows, rowsMax, omitted = 0, noun } = parts
  return {
    name,
    title,
    columns: columns.map(({ title: head, align, drop }) => ({
      title: head,
      ...(align !== undefined && { align }),
      ...(drop !== undefined && { drop }),
    })),
    rows: rows
      .slice(0, rowsMax)
      .map((row) =>
        columns.map(({ text, tone }) => ({ text: text(row), tone: tone?.(row) ?? null })),
      ),
    omitted: omitted + Math.max(0, rows.length - rowsMax),
    noun,
  }
}

/** Adds colour to a text. */
export type Painter = (tone: Tone, text: string) => string

export const unpainted: Painter = (_, text) => text

/** A section as lines: its title, and its table. */
export const sectionLines = (
  section: Section,
  width: number,
  paint: Painter = unpainted,
): readonly string[] => [
  ...wrapped(section.title, width),
  ...(section.name === 'services' ? [''] : []),
  ...textTable(
    section.columns.map((column, at) => ({
      ...column,
      text: (row: readonly Cell[]) => row[at]?.text ?? '',
      paint: (row: readonly Cell[], text: string) => {
        const tone = row[at]?.tone ?? null
        return tone === null ? text : paint(tone, text)
      },
    })),
    section.rows,
    width,
  ),
  ...omittedLines(section),
]

export const omittedLines = ({ omitted, noun }: Section): readonly string[] =>
  omitted === 0 ? [] : [`... and ${counted(omitted, `more ${noun}`)}`]
