import { omittedLines, type Cell, type Section, type SectionColumn } from '../section.ts'
import { absentText } from '../text-table.ts'
import { markup, nothing, type Html } from './markup.ts'

/** A column of charts behind the cells of a section; `at` counts its rows. */
export type ChartColumn = { readonly title: string; readonly chart: (at: number) => Html }

/** A section as a card: heading, table, charts, and what is said below. */
export const sectionHtml = (
  section: Section,
  charts: readonly ChartColumn[] = [],
  below: Html = nothing,
): Html => markup`<section id="${section.name}">
<h2>${section.title}</h2>
${tableHtml(section, charts)}${omittedLines(section).map((line) => markup`<p class="soft">${line}</p>`)}${below}
</section>
`

/** The table alone. */
export const tableHtml = (section: Section, charts: readonly ChartColumn[] = []): Html => {
  const shown = section.columns
    .map((column, at) => ({ column, at }))
    .filter(({ at }) =>
      section.rows.some((row) => (row[at]?.text ?? '') !== '' && row[at]?.text !== absentText),
    )
  if (section.rows.length === 0) return nothing
  return markup`<table>
<thead><tr>${shown.map(({ column }) => headHtml(column))}${charts.map(({ title }) => markup`<th>${title}</th>`)}</tr></thead>
<tbody>
${section.rows.map(
  (row, at) =>
    markup`<tr>${shown.map(({ column, at: cell }) => cellHtml(column, row[cell]))}${charts.map(({ chart }) => markup`<td>${chart(at)}</td>`)}</tr>
`,
)}</tbody>
</table>
`
}

const headHtml = ({ title, align }: SectionColumn): Html =>
  align === 'right' ? markup`<th class="right">${title}</th>` : markup`<th>${title}</th>`

const cellHtml = ({ align }: SectionColumn, cell: Cell | undefined): Html => {
  const classes = [
    align ?? 'text',
    ...(cell === undefined || cell.tone === null ? [] : [cell.tone]),
  ]
  return markup`<td class="${classes.join(' ')}">${cell?.text ?? ''}</td>`
}
