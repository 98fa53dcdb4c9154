import type { StoreMigrateOptions } from '../commands/store-migrate.ts'
import { examples, json, onStore, type Add } from './options.ts'

/** What makes the tables of the snapshots. */
export const addStore: Add = (program, context, run) => {
  const store = program.command('store').description('make the tables of the snapshot store')
  examples(
    json(onStore(store.command('migrate')))
      .description(
        'make the tables or bring them up to date, as a role that owns them; the sink then needs no right to',
      )
      .option('--writer <role>', 'let this role of PostgreSQL write and read rows: for the sink')
      .option('--reader <role>', 'let this role of PostgreSQL read rows: for those who ask')
      .option('--dry-run', 'print the SQL instead'),
    'store migrate --store postgres://owner@db/tidemark --writer sink --reader console',
    'store migrate --store postgres://owner@db/tidemark --dry-run',
  ).action(
    run(async (options: StoreMigrateOptions) => {
      const { storeMigrate } = await import('../commands/store-migrate.ts')
      return storeMigrate(options, context)
    }),
  )
}
