import { afterEach, expect, it } from '@jest/globals'
import { openStore, StoreError } from '@tidemark/store'
import { contentsOf } from '@tidemark/store/conformance'
import { assessed, raised, requestWindow } from '@tidemark/store/conformance/events'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { describeWithPostgres } from './describe-with-postgres.ts'
import { guardVersions } from './guards.ts'
import { query } from './server-address.ts'
import { openStores, positionAt } from './store-world.ts'

describeWithPostgres('a store on PostgreSQL', (postgres) => {
  const stores = openStores()
  afterEach(() => stores.close())

  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'no failure',
      (error: unknown) => error,
    )

  it('gives up a statement that takes too long, and the connection goes on', async () => {
    const sql = await stores.sql(await postgres().createDatabase(), {
      timeouts: { statementMs: 100 },
    })
    const slow = sql.transaction((tx) => tx.all('select pg_sleep(60)::text'))
    expect(await failureOf(slow)).toMatchObject({ retriable: true })
    expect(await sql.transaction((tx) => tx.all('select 1 as one'))).toEqual([{ one: 1 }])
  })

  it('gives up waiting for a lock', async () => {
    const url = await postgres().createDatabase()
    const store = await stores.store(url, { timeouts: { lockMs: 100 } })
    const other = new Client(url)
    await other.connect()
    try {
      await other.query('begin; lock table position')
      const error = await failureOf(store.apply([], positionAt(1)))
      expect(error).toMatchObject({ retriable: true })
    } finally {
      await other.end()
    }
    await store.apply([], positionAt(1))
  })

  it('is put out of a transaction in which nothing happens, and says so', async () => {
    const url = await postgres().createDatabase()
    const sql = await stores.sql(url, { timeouts: { idleInTransactionMs: 100 } })
    const others =
      "select pid from pg_stat_activity where application_name = 'tidemark' and datname = current_database()"
    const error = await failureOf(
      sql.transaction(async (tx) => {
        while ((await query(url, others)).length > 0) await setTimeout(20)
        await tx.all('select 1')
      }),
    )
    expect(error).toMatchObject({ retriable: true })
    expect(String(error)).toContain('idle-in-transaction timeout')
  })

  it('says that it may be tried again where all connections are taken', async () => {
    const url = await postgres().createDatabase()
    const role = await postgres().createRole()
    await query(url, `alter role ${role.user} connection limit 0`)
    const error = await failureOf((await stores.sql(withRole(url, role))).all('select 1'))
    expect(error).toMatchObject({ retriable: true })
  })

  it('says that nothing helps where the database, the password or the encoding is wrong', async () => {
    const url = await postgres().createDatabase()
    const latin = await postgres().createDatabase("encoding 'LATIN1' locale 'C' template template0")
    const role = await postgres().createRole()
    for (const [wrong, reason] of [
      [`${url}_not_there`, 'does not exist'],
      [withRole(url, { ...role, password: 'secret' }), 'password authentication failed'],
      [latin, 'LATIN1'],
    ] as const) {
      const error = await failureOf((await stores.sql(wrong)).all('select 1'))
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({ retriable: false })
      expect(String(error)).toContain(reason)
      expect(String(error)).not.toContain(new URL(wrong).password)
    }
  })

  it('does not commit a transaction in which a failure was passed over', async () => {
    const sql = await stores.sql(await postgres().createDatabase())
    const store = await openStore(sql)
    const passingOver = sql.transaction(async (tx) => {
      await tx.run("insert into position values ('alerts', 0, 1)")
      await tx.run('select 1 / 0').catch(() => undefined)
    })
    expect(await failureOf(passingOver)).toBeInstanceOf(StoreError)
    expect(await store.positions()).toEqual([])
  })

  it('refuses integers that a number does not hold, and text with a zero character', async () => {
    const url = await postgres().createDatabase()
    const store = await stores.store(url)
    const zero = failureOf(store.apply([assessed('a\0b', 0)], positionAt(1)))
    expect(await zero).toMatchObject({ retriable: false })
    expect(await store.positions()).toEqual([])
    await store.apply([], positionAt(Number.MAX_SAFE_INTEGER))
    expect(await store.positions()).toEqual(positionAt(Number.MAX_SAFE_INTEGER))
    await query(url, 'update position set position = position + 2')
    expect(await failureOf(store.positions())).toMatchObject({ retriable: false })
  })

  it('keeps any name apart and as it is, and takes none for SQL', async () => {
    const names = [
      ...[
        '__proto__',
        'constructor',
        'toString',
        '$1',
        '%s',
        "'; drop table position; --",
        '"',
        '\\',
      ],
      ...[
        '\u202eevil',
        '\u0007',
        '\t',
        '\u200b',
        '\ufeff',
        '\u00e9',
        'e\u0301',
        '\u{1f30a}'.repeat(60),
        ' ',
      ],
    ]
    const store = await stores.store(await postgres().createDatabase())
    const events = names.flatMap((name) => [
      assessed(name, 0),
      requestWindow(name, 0, {
        operations: [{ ...requestWindow(name, 0).operations[0]!, operation: name }],
      }),
      raised(name, 0),
    ])
    await store.apply(events, positionAt(1))
    const { assessments, requestWindows, alertEvents } = await contentsOf(store)
    expect(new Set(assessments.map(({ service }) => service))).toEqual(new Set(names))
    expect(new Set(requestWindows)).toEqual(
      new Set(events.filter(({ type }) => type === 'RequestWindowClosed')),
    )
    expect(alertEvents).toHaveLength(names.length)
  })

  it('lets two writers of the same tasks work at once, without a deadlock and without a step back (I9)', async () => {
    const url = await postgres().createDatabase()
    const writers = await Promise.all([stores.store(url), stores.store(url)])
    await guardVersions(url)
    const services = Array.from({ length: 200 }, (_, i) => `service-${i}`)
    for (let round = 0; round < 15; round++) {
      const events = services.map((service) => assessed(service, round))
      // In opposite orders, as rows that lock each other would be.
      const work = [events, events.toReversed()].map((each, i) =>
        writers[i]!.apply(each, i === 0 ? positionAt(round) : positionAt(Math.max(0, round - 1))),
      )
      expect(await failureOf(Promise.all(work))).toBe('no failure')
    }
    expect(await writers[0].assessments()).toEqual(
      services.toSorted().map((service) => assessed(service, 14)),
    )
  })
})

const withRole = (
  url: string,
  role: { readonly user: string; readonly password: string },
): string => {
  const changed = new URL(url)
  changed.username = role.user
  changed.password = role.password
  return changed.href
}
