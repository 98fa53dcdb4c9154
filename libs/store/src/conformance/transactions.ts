import { expect, it } from '@jest/globals'
import type { Offset } from '@tidemark/model'
import { StoreError, type Sql, type SqlInsert } from '../sql.ts'
import { openStore } from '../store.ts'
import { contentsOf } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import { assessed, raised, reported, requestWindow } from './events.ts'

const count = async (sql: Pick<Sql, 'all'>): Promise<number> =>
  Number((await sql.all('select count(*) as rows_there from position'))[0]!.rows_there)

const positions: SqlInsert = {
  table: 'position',
  columns: ['topic', 'partition', 'position'],
  onConflict: 'do nothing',
}

export const describeTransactions = (world: StoreWorld): void => {
  it('hold rows and positions: what fails in between leaves nothing behind', async () => {
    const store = await world.store()
    await store.apply([assessed('checkout', 0)], [])
    const before = await contentsOf(store)
    const events = [requestWindow('checkout', 1), assessed('checkout', 1), raised('checkout', 1)]
    const position = { topic: 'aggregates', partition: 0, position: 4 as Offset } as const
    // No database takes this report, and reports are written last.
    const impossible = { ...reported(1), asOfUs: Number.NaN }
    await expect(store.apply([...events, impossible], [position])).rejects.toThrow(StoreError)
    expect(await contentsOf(store)).toEqual(before)
    await store.apply(events, [position])
    expect((await contentsOf(store)).positions).toHaveLength(1)
  })

  it('give the error of the work that failed, and the database goes on', async () => {
    const sql = await (await world.database()).open()
    await openStore(sql)
    const mistake = new Error('in the middle')
    await expect(
      sql.transaction(async (tx) => {
        await tx.insert(positions, [['alerts', 0, 1]])
        throw mistake
      }),
    ).rejects.toBe(mistake)
    expect(await count(sql)).toBe(0)
    await sql.transaction((tx) =>
      tx.insert(positions, [
        ['alerts', 0, 1],
        ['alerts', 1, 1],
      ]),
    )
    expect(await count(sql)).toBe(2)
  })

  it('follow one another: each sees all of those before it', async () => {
    const sql = await (await world.database()).open()
    await openStore(sql)
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        sql.transaction(async (tx) => {
          const before = await count(tx)
          await tx.insert(positions, [['alerts', i, 1]])
          await new Promise(setImmediate)
          await tx.insert(positions, [['fleet', i, 1]])
          return before
        }),
      ),
    )
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i))
  })

  it('are not seen before they are committed, on the same handle or another', async () => {
    const database = await world.database()
    const [sql, other] = [await database.open(), await database.open()]
    await openStore(sql)
    let half = (): void => undefined
    const halfDone = new Promise<void>((resolve) => (half = resolve))
    let goOn = (): void => undefined
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve))
    const transaction = sql.transaction(async (tx) => {
      await tx.insert(positions, [['alerts', 0, 1]])
      half()
      await mayGoOn
      throw new Error('undone')
    })
    await halfDone
    const onTheSame = count(sql)
    expect(await count(other)).toBe(0)
    goOn()
    await expect(transaction).rejects.toThrow('undone')
    expect(await onTheSame).toBe(0)
  })
}
