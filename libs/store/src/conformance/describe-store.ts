import { afterEach, describe } from '@jest/globals'
import type { Sql } from '../sql.ts'
import { openStore, type SnapshotStore } from '../store.ts'
import { describeConverging } from './converging.ts'
import { describeMigrating } from './migrating.ts'
import { describePruning } from './pruning.ts'
import { describeQuerying } from './querying.ts'
import { describeRoundTrips } from './round-trips.ts'
import { describeTransactions } from './transactions.ts'

/** An empty database of a test's own; `open` opens it once more, as another process would. Closing it closes what was opened. */
export type DatabaseUnderTest = {
  readonly open: (options?: { readonly readOnly?: boolean }) => Promise<Sql>
  readonly close: () => Promise<void>
}

/** What the parts of the suite start from. */
export type StoreWorld = {
  readonly database: () => Promise<DatabaseUnderTest>
  /** A store in an empty database. */
  readonly store: () => Promise<SnapshotStore>
}

/** What the snapshot store does on any database: SQLite and PostgreSQL pass the same suite. */
export const describeStore = (
  name: string,
  makeDatabase: () => Promise<DatabaseUnderTest>,
): void => {
  const made: DatabaseUnderTest[] = []
  const database = async (): Promise<DatabaseUnderTest> => {
    const under = await makeDatabase()
    made.push(under)
    return under
  }
  const world: StoreWorld = {
    database,
    store: async () => openStore(await (await database()).open()),
  }
  describe(`snapshot store on ${name}`, () => {
    afterEach(async () => {
      for (const under of made.splice(0)) await under.close()
    })
    describe('events', () => describeRoundTrips(world))
    describe('rows', () => describeConverging(world))
    describe('transactions', () => describeTransactions(world))
    describe('queries', () => describeQuerying(world))
    describe('pruning', () => describePruning(world))
    describe('tables', () => describeMigrating(world))
  })
}
