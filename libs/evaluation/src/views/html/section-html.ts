import { omittedLines, type Cell, type Section, type SectionColumn } from '../section.ts'
import { absentText } from '../text-table.ts'
import { html, nothing, type Html } from './html.ts'

/** A column of charts behind the cells of a section; `at` counts its rows. */
export type ChartColumn = { readonly title: string; readonly chart: (at: number) => Html }

/** A section as a card: heading, table, charts, and what is said below. */
export const sectionHtml = (
  section: Section,
  charts: readonly ChartColumn[] = [],
  below: Html = nothing,
): Html => html`<section id="${section.name}">
<h2>${section.title}</h2>
${tableHtml(section, charts)}${omittedLines(section).map((line) => html`<p class="soft">${line}</p>`)}${below}
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
  return html`<table>
<thead><tr>${shown.map(({ column }) => headHtml(column))}${charts.map(({ title }) => html`<th>${title}</th>`)}</tr></thead>
<tbody>
${section.rows.map(
  (row, at) =>
    html`<tr>${shown.map(({ column, at: cell }) => cellHtml(column, row[cell]))}${charts.map(({ chart }) => html`<td>${chart(at)}</td>`)}</tr>
`,
)}</tbody>
</table>
`
}

const headHtml = ({ title, align }: SectionColumn): Html =>
  align === 'right' ? html`<th class="right">${title}</th>` : html`<th>${title}</th>`

const cellHtml = ({ align }: SectionColumn, cell: Cell | undefined): Html => {
  const classes = [align ?? 'text', ...(cell?.tone == null ? [] : [cell.tone])]
  return html`<td class="${classes.join(' ')}">${cell?.text ?? ''}</td>`
}
