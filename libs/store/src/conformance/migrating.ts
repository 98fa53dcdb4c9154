import { expect, it } from '@jest/globals'
import { pendingMigration } from '../schema.ts'
import { StoreError } from '../sql.ts'
import { openStore } from '../store.ts'
import { contentsOf } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import { assessed, tellingSlice } from './events.ts'

export const describeMigrating = (world: StoreWorld): void => {
  it('are made once, whoever opens the store and how often', async () => {
    const database = await world.database()
    const store = await openStore(await database.open())
    await store.apply([assessed('checkout', 0)], [])
    const [first, second] = await Promise.all(
      [await database.open(), await database.open()].map((sql) => openStore(sql)),
    )
    expect(await contentsOf(first!)).toEqual(await contentsOf(second!))
    expect(await first!.assessments()).toEqual([assessed('checkout', 0)])
  })

  it('are made once by several that open an empty database at the same time', async () => {
    const database = await world.database()
    const handles = await Promise.all(Array.from({ length: 4 }, () => database.open()))
    const stores = await Promise.all(handles.map((sql) => openStore(sql)))
    await stores[0]!.apply([assessed('checkout', 0)], [])
    for (const store of stores) expect(await store.assessments()).toHaveLength(1)
  })

  it('are made wholly or not at all', async () => {
    const database = await world.database()
    const sql = await database.open()
    // Of the names of the last ones one is taken.
    await sql.run('create table fact (a bigint)')
    await expect(openStore(sql)).rejects.toThrow(StoreError)
    expect(await sql.hasTable('position')).toBe(false)
    expect(await sql.hasTable('schema_version')).toBe(false)
    await sql.run('drop table fact')
    const store = await openStore(sql)
    await store.apply([assessed('checkout', 0)], [])
  })

  it('are made where a process was killed when it had made but that of versions', async () => {
    const sql = await (await world.database()).open()
    await sql.run('create table schema_version (version bigint not null primary key)')
    await expect(openStore(sql, { readOnly: true })).rejects.toThrow(/no tables yet/)
    const store = await openStore(sql)
    await store.apply([assessed('checkout', 0)], [])
  })

  it('of an older version are brought up to date, with what is in them', async () => {
    const sql = await (await world.database()).open()
    const statements = await pendingMigration(sql)
    const first = statements.indexOf('insert into schema_version (version) values (1)')
    for (const statement of statements.slice(0, first + 1)) await sql.run(statement)
    await sql.run(`insert into position (topic, partition, position) values ('alerts', 0, 7)`)
    await expect(openStore(sql, { readOnly: true })).rejects.toThrow(/of version 1, this program/)
    const store = await openStore(sql)
    expect(await store.positions()).toEqual([{ topic: 'alerts', partition: 0, position: 7 }])
    await store.apply([tellingSlice(0)], [])
    expect((await contentsOf(store)).sloHours).toHaveLength(1)
  })

  it('of a newer version are refused, by readers and writers', async () => {
    const database = await world.database()
    const sql = await database.open()
    await openStore(sql)
    await sql.run('insert into schema_version (version) values ($1)', [1000])
    await expect(openStore(sql)).rejects.toThrow(StoreError)
    await expect(openStore(sql, { readOnly: true })).rejects.toThrow(/of version 1000/)
  })

  it('can be read by who may not write, and are not made by a reader', async () => {
    const database = await world.database()
    const empty = await database.open()
    await expect(openStore(empty, { readOnly: true })).rejects.toThrow(StoreError)
    const store = await openStore(await database.open())
    await store.apply([assessed('checkout', 0)], [])
    const reader = await openStore(await database.open({ readOnly: true }), { readOnly: true })
    expect(await reader.assessments()).toEqual([assessed('checkout', 0)])
    await expect(reader.apply([assessed('checkout', 1)], [])).rejects.toThrow(StoreError)
    // What is written later is seen as well.
    await store.apply([assessed('checkout', 2)], [])
    expect(await reader.assessments()).toEqual([assessed('checkout', 2)])
  })
}
