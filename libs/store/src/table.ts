import type { SqlInsert } from './sql.ts'

/** Rows of a table, by its columns; without more, a row whose key is there already changes nothing. */
export const table = (name: string, columns: string, onConflict = 'do nothing'): SqlInsert => ({
  table: name,
  columns: columns.trim().split(/,\s+/),
  onConflict,
})
