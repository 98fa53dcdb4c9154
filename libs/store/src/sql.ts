/** What SQLite and PostgreSQL both take: placeholders `$1`, `$2` ... in ascending order, integers up to 2^53, text, bytes, null. */
export type SqlValue = number | string | Uint8Array | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** Rows go into these columns; `onConflict` says what becomes of a row whose key is there already, as SQL does. */
export type SqlInsert = {
  readonly table: string
  readonly columns: readonly string[]
  readonly onConflict: string
}

/** Statements and queries, inside a transaction or each in its own. */
export type SqlStatements = {
  readonly run: (statement: string, values?: readonly SqlValue[]) => Promise<void>
  /** Inserts all rows, several with one statement where that is faster; so what updates may not meet a key twice. */
  readonly insert: (into: SqlInsert, rows: readonly (readonly SqlValue[])[]) => Promise<void>
  readonly all: (query: string, values?: readonly SqlValue[]) => Promise<readonly SqlRow[]>
  readonly hasTable: (name: string) => Promise<boolean>
}

/** A database as the store needs it. All errors of the database are StoreErrors. */
export type Sql = SqlStatements & {
  /**
   * Commits when `work` resolves and undoes everything when it rejects. Nobody else sees what is not committed. When a connection is lost
   * around the commit it rejects though all may be committed: whoever goes on reads first what is there.
   */
  readonly transaction: <T>(work: (tx: SqlStatements) => Promise<T>) => Promise<T>
  /** A transaction beside which no other of this kind runs in the whole database, and which may take minutes. */
  readonly exclusive: <T>(work: (tx: SqlStatements) => Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

/** The store cannot be used; `retriable` when trying again may help. */
export class StoreError extends Error {
  readonly code = 'store'
  readonly retriable: boolean

  constructor(message: string, options: { retriable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.retriable = options.retriable
  }
}
