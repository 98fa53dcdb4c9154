import type { SqlInsert } from './sql.ts'

/** The statement that inserts this many rows, with placeholders row after row. */
export const insertText = ({ table, columns, onConflict }: SqlInsert, rows: number): string => {
  const width = columns.length
  const row = (at: number): string =>
    `(${columns.map((_, i) => `$${at * width + i + 1}`).join(', ')})`
  const values = Array.from({ length: rows }, (_, at) => row(at)).join(', ')
  return `insert into ${table} (${columns.join(', ')}) values ${values} on conflict ${onConflict}`
}
