import { expect, it } from '@jest/globals'
import { tableLines, type Column } from './table.ts'

type Row = { readonly name: string; readonly count: number }

const columns: readonly Column<Row>[] = [
  { title: 'name', text: ({ name }) => name },
  { title: 'n', align: 'right', text: ({ count }) => String(count) },
  { title: '', text: ({ count }) => (count > 9 ? 'many' : '') },
]

it('aligns columns under their titles, without spaces at the ends', () => {
  const rows = [
    { name: 'checkout', count: 5 },
    { name: 'a', count: 1234 },
  ]
  expect(tableLines(columns, rows)).toEqual([
    'name         n',
    'checkout     5',
    'a         1234  many',
  ])
})

it('paints what is padded already', () => {
  const painted: Column<Row> = { ...columns[0]!, paint: (_, padded) => `<${padded}>` }
  expect(tableLines([painted, columns[1]!], [{ name: 'a', count: 1 }])).toEqual([
    'name  n',
    '<a   >  1',
  ])
})

it('is the titles alone when there is nothing', () => {
  expect(tableLines(columns, [])).toEqual(['name  n'])
})
