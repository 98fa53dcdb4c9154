import { describeStore } from '@tidemark/store/conformance'
import { openPostgres, postgresAddress, type Sql } from '@tidemark/store'
import { describeWithPostgres } from './describe-with-postgres.ts'

describeWithPostgres('the suite of all stores', (postgres) => {
  describeStore('PostgreSQL', async () => {
    const address = postgresAddress(await postgres().createDatabase())!
    const opened: Sql[] = []
    return {
      open: async (options) => {
        const sql = await openPostgres(address, options)
        opened.push(sql)
        return sql
      },
      close: async () => {
        for (const sql of opened) await sql.close()
      },
    }
  })
})
