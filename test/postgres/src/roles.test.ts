import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from '@jest/globals'
import { assessed } from '@tidemark/store/conformance/events'
import { tidemark } from './command-line.ts'
import { describeWithPostgres } from './describe-with-postgres.ts'
import { query, type Role } from './server-address.ts'
import { openStores, positionAt } from './store-world.ts'

describeWithPostgres('tidemark on PostgreSQL', (postgres) => {
  const stores = openStores()
  const { env } = process
  afterEach(async () => {
    process.env = env
    await stores.close()
  })

  /** A database, and addresses of it for its owner, a writer and a reader; on which a new table is nobody else's by itself. */
  const world = async () => {
    const owner = await postgres().createDatabase()
    await query(owner, 'revoke create on schema public from public')
    const [writer, reader] = [await postgres().createRole(), await postgres().createRole()]
    const as = ({ user, password }: Role): string => {
      const url = new URL(owner)
      url.username = user
      url.password = password
      return url.href
    }
    const roles = ['--writer', writer.user, '--reader', reader.user]
    return { owner, roles, writer, reader, asWriter: as(writer), asReader: as(reader) }
  }

  it('store migrate lets one role write rows and another read them, and nobody do more', async () => {
    const { owner, roles, writer, reader, asWriter, asReader } = await world()
    expect(await tidemark('store', 'migrate', '--store', owner, ...roles)).toMatchObject({
      code: 0,
    })
    const store = await stores.store(asWriter)
    await store.apply([assessed('checkout', 0)], positionAt(1))
    await store.prune(1)
    const reading = await stores.store(asReader, { readOnly: true })
    expect(await reading.assessments()).toEqual([assessed('checkout', 0)])
    const granted = await query(
      owner,
      `select grantee, table_name, string_agg(privilege_type, ' ' order by privilege_type) as rights
       from information_schema.role_table_grants where table_schema = 'public' and grantee in ('${writer.user}', '${reader.user}')
       group by grantee, table_name`,
    )
    const tables = await query(
      owner,
      "select table_name from information_schema.tables where table_schema = 'public'",
    )
    const rights = tables.flatMap(({ table_name }) => {
      const rows = table_name === 'schema_version' ? 'SELECT' : 'DELETE INSERT SELECT UPDATE'
      return [
        { grantee: writer.user, table_name, rights: rows },
        { grantee: reader.user, table_name, rights: 'SELECT' },
      ]
    })
    expect(new Set(granted)).toEqual(new Set(rights))
    for (const [url, statement] of [
      [asWriter, 'create table other (a int)'],
      [asWriter, 'drop table position'],
      [asWriter, 'truncate position'],
      [asWriter, 'update schema_version set version = 2'],
      [asReader, "insert into position values ('alerts', 0, 1)"],
    ] as const)
      await expect(query(url, statement)).rejects.toThrow(/permission denied|must be owner/)
  })

  it('store migrate changes nothing the second time, and with --dry-run never does', async () => {
    const { owner, roles } = await world()
    const dryRun = await tidemark('store', 'migrate', '--store', owner, ...roles, '--dry-run')
    expect(await query(owner, "select 1 from pg_tables where schemaname = 'public'")).toEqual([])
    // What it prints does what it would have done.
    await query(owner, dryRun.printed.join('\n'))
    await (await stores.store(owner)).apply([assessed('checkout', 0)], [])
    const { code, printed } = await tidemark(
      'store',
      'migrate',
      '--store',
      owner,
      ...roles,
      '--json',
    )
    expect(code).toBe(0)
    const { statements } = JSON.parse(printed[0]!) as { readonly statements: readonly string[] }
    expect(statements.filter((statement) => !statement.startsWith('grant'))).toEqual([])
    expect(await (await stores.store(owner)).assessments()).toEqual([assessed('checkout', 0)])
  })

  it('tells a role that may make no tables how they come about', async () => {
    const { asWriter } = await world()
    const failure = stores.store(asWriter)
    await expect(failure).rejects.toThrow(/tidemark store migrate/)
    await expect(failure).rejects.toMatchObject({ retriable: false })
  })

  it('finds the password in the address, in PGPASSWORD or in a file, and never prints it', async () => {
    const { owner, roles, asReader, reader } = await world()
    await tidemark('store', 'migrate', '--store', owner, ...roles)
    const { hostname, port, pathname } = new URL(owner)
    const bare = `postgres://${reader.user}@${hostname}:${port}${pathname}`
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-'))
    const file = join(folder, 'passwords')
    const services = async (store: string, more: NodeJS.ProcessEnv) => {
      process.env = { ...env, PGPASSFILE: join(folder, 'none'), ...more }
      return tidemark('services', '--store', store)
    }
    const lines = [
      '# of tests',
      `${hostname}:${port}:other:${reader.user}:wrong`,
      `*:${port}:*:${reader.user}:${reader.password}`,
    ]
    writeFileSync(file, lines.join('\n'), { mode: 0o600 })
    for (const [store, more] of [
      [asReader, {}],
      [bare, { PGPASSWORD: reader.password }],
      [bare, { PGPASSFILE: file }],
    ] as const)
      expect(await services(store, more)).toMatchObject({ code: 0, complained: [] })
    const open = join(folder, 'open')
    writeFileSync(open, lines.join('\n'), { mode: 0o644 })
    for (const [store, more, reason] of [
      [bare, {}, 'a password is asked for'],
      [bare, { PGPASSFILE: open }, 'others may read it'],
      [bare, { PGPASSWORD: 'mistaken' }, 'password authentication failed'],
      [bare.replace('@', ':mistaken@'), {}, 'password authentication failed'],
      [`postgres://me:mistaken@${hostname}:1/x`, {}, 'ECONNREFUSED'],
      ['postgres://me:mistaken@:host:/x', {}, 'postgres://USER:PASSWORD@HOST:PORT/DATABASE'],
      ['mysql://me:mistaken@host/x', {}, 'mysql://'],
    ] as const) {
      const { code, printed, complained } = await services(store, more)
      expect(code).not.toBe(0)
      expect(complained.join('\n')).toContain(reason)
      expect([...printed, ...complained].join('\n')).not.toMatch(/mistaken|of a test/)
    }
    rmSync(folder, { recursive: true })
  })
})
