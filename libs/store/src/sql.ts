/** What SQLite and PostgreSQL both take: placeholders `$1`, `$2` ... in ascending order, integers up to 2^53, text, bytes, null. */
export type SqlValue = number | string | Uint8Array | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** Statements and queries, inside a transaction or each in its own. */
export type SqlStatements = {
  /** Runs the statement once for each row of values; without any, once. */
  readonly run: (statement: string, ...rows: readonly (readonly SqlValue[])[]) => Promise<void>
  readonly all: (query: string, values?: readonly SqlValue[]) => Promise<readonly SqlRow[]>
}

/** A database as the store needs it. All errors of the database are StoreErrors. */
export type Sql = SqlStatements & {
  /** Commits when `work` resolves and undoes everything when it rejects. Nobody else sees what is not committed. */
  readonly transaction: <T>(work: (tx: SqlStatements) => Promise<T>) => Promise<T>
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
