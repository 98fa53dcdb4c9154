import type { Sql, SqlStatements } from '@tidemark/store'
import type { Saboteur } from './saboteur.ts'

/** Bugs in how rows get into the store. */
export const ofSink: readonly Saboteur[] = [
  {
    name: 'saves its position in a transaction of its own',
    invariant: 'I9',
    sabotage: () => ({ name: 'saves its position in a transaction of its own', store: split }),
  },
  {
    name: 'keeps raise and resolve of an alert alone',
    invariant: 'I9',
    sabotage: () => ({ name: 'keeps raise and resolve of an alert alone', store: withoutMarks }),
  },
]

/** Rows of events that tell of marks are left out. */
const withoutMarks = (sql: Sql): Sql => ({
  ...sql,
  transaction: (work) =>
    sql.transaction((tx) =>
      work({
        ...tx,
        insert: async (into, rows) => {
          const isMark = (row: (typeof rows)[number]): boolean =>
            Object.values(row).some((value) => value === 'AlertMarked')
          const kept = into.table === 'alert_event' ? rows.filter((row) => !isMark(row)) : rows
          if (kept.length > 0) await tx.insert(into, kept)
        },
      }),
    ),
})

/** What is done to the table of positions is committed first, then the rest. */
const split = (sql: Sql): Sql => ({
  ...sql,
  transaction: async (work) => {
    const rows: ((tx: SqlStatements) => Promise<void>)[] = []
    const result = await sql.transaction((tx) =>
      work({
        ...tx,
        run: async (...statement) => void rows.push((later) => later.run(...statement)),
        insert: async (into, values) => {
          if (into.table === 'position') await tx.insert(into, values)
          else rows.push((later) => later.insert(into, values))
        },
      }),
    )
    await sql.transaction(async (tx) => {
      for (const row of rows) await row(tx)
    })
    return result
  },
})
