import { openSqlAt, shownStore } from '@tidemark/assembly'
import {
  grantStatements,
  isPostgres,
  migrate,
  pendingMigration,
  type Sql,
  type StoreRoles,
} from '@tidemark/store'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { storeIn } from '../open.ts'

export type StoreMigrateOptions = LogOptions & {
  readonly writer?: string
  readonly reader?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Makes the tables of the store or brings them up to date, and lets roles use them; with --dry-run prints the SQL instead. */
export const storeMigrate = async (
  options: StoreMigrateOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> => {
  const address = storeIn(options)
  const roles: StoreRoles = { writer: options.writer ?? null, reader: options.reader ?? null }
  const hasRoles = roles.writer !== null || roles.reader !== null
  if (hasRoles && !isPostgres(address))
    throw new UsageError('--writer and --reader name roles of PostgreSQL; a file has none')
  const sql = await openSqlAt(address)
  try {
    const pending = await pendingMigration(sql)
    const grants = hasRoles ? grantStatements(await schemaOf(sql), roles) : []
    if (options.dryRun !== true) {
      await migrate(sql)
      await sql.transaction(async (tx) => {
        for (const statement of grants) await tx.run(statement)
      })
    }
    const store = shownStore(address)
    const statements = [...pending, ...grants]
    if (options.json === true)
      terminal.out(JSON.stringify({ store, dryRun: options.dryRun ?? false, statements }))
    else if (options.dryRun === true)
      for (const statement of statements) terminal.out(`${statement};`)
    else {
      const done =
        pending.length > 0 ? 'its tables were brought up to date' : 'its tables are up to date'
      terminal.out(`${store}: ${done}`)
      for (const statement of grants) terminal.out(statement)
    }
    return 0
  } finally {
    await sql.close()
  }
}

const schemaOf = async (sql: Sql): Promise<string> => {
  const [row] = await sql.all('select current_schema()::text as schema')
  return String(row?.schema)
}
