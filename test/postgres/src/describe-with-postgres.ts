import { afterAll, beforeAll, describe } from '@jest/globals'
import { postgresPrograms } from './binaries.ts'
import { isPostgresLikely, startPostgres, type TestPostgres } from './start-postgres.ts'

const startMsMax = 180_000

/** `postgres` may be called once the tests run. */
export type PostgresSuite = (postgres: () => TestPostgres) => void

/** A suite that needs a PostgreSQL. Where there is none to be had it is skipped, and says so; with CI=true it fails instead. */
export const describeWithPostgres = (
  name: string,
  suite: PostgresSuite,
  start: () => Promise<TestPostgres> = startPostgres,
): void => {
  if (isPostgresLikely()) describe(name, () => withPostgres(suite, start))
  else skipped(name, () => suite(notThere))
}

/** The same for a suite that starts, stops and kills servers itself. */
export const describeWithServers = (name: string, suite: () => void): void => {
  if (postgresPrograms() !== null) describe(name, suite)
  else skipped(name, suite)
}

const skipped = (name: string, suite: () => void): void => {
  const advice =
    'no PostgreSQL: install it (apt-get install postgresql), set TIDEMARK_POSTGRES, or start Docker'
  if (process.env.CI === 'true') throw new Error(`${name}: ${advice}`)
  console.warn(`skipped: ${name}: ${advice}`)
  describe.skip(`${name}: ${advice}`, suite)
}

const withPostgres = (suite: PostgresSuite, start: () => Promise<TestPostgres>): void => {
  let postgres: TestPostgres | null = null
  beforeAll(async () => {
    postgres = await start()
  }, startMsMax)
  afterAll(() => postgres?.stop())
  suite(() => postgres ?? notThere())
}

const notThere = (): never => {
  throw new Error('PostgreSQL is asked for before it was started')
}
