/** What SQLite and PostgreSQL both take: placeholders `$1`, `$2` ... in ascending order, integers up to 2^53, text, bytes, null. */
export type SqlValue = number | string | Uint8Array | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** A database as the store needs it. */
export type Sql = {
  readonly run: (statement: string, ...rows: readonly (readonly SqlValue[])[]) => Promise<void>
  readonly all: (query: string, values?: readonly SqlValue[]) => Promise<readonly SqlRow[]>
  /** One transaction at a time per database handle; the others wait their turn. */
  readonly transaction: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>
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
