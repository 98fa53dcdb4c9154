import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { inspect } from 'node:util'
import { StoreError } from '../sql.ts'
import { isPostgres, postgresAddress } from './address.ts'
import { openPostgres } from './open.ts'

describe('the address of a PostgreSQL', () => {
  it.each([
    ['postgres://sink:pass@db:5433/tidemark', 'postgres://sink@db:5433/tidemark'],
    ['postgresql://sink@db/tidemark?sslmode=require&password=pass', 'postgres://sink@db/tidemark'],
    ['postgres://db/tidemark', 'postgres://db/tidemark'],
    ['postgres://sink:pass@[::1]:5432/x', 'postgres://sink@[::1]:5432/x'],
    ['postgres://sink:pass@/x?host=/run/postgresql', 'postgres://sink@/run/postgresql/x'],
    ['postgres://', 'postgres://'],
  ])('%s is shown as %s', (text, shown) => {
    expect(postgresAddress(text)).toMatchObject({ shown })
    expect(postgresAddress(text)!.url()).toBe(text)
  })

  it.each([
    'store.sqlite',
    './postgres',
    '/var/lib/postgres',
    'mysql://db/x',
    'postgres://db:port/x',
  ])('%s is none', (text) => {
    expect(postgresAddress(text)).toBeNull()
  })

  it('tells no password, however it is printed', () => {
    const passwords = fc.string({ minLength: 8, unit: 'grapheme' })
    fc.assert(
      fc.property(passwords, (password) => {
        const address = postgresAddress(`postgres://sink:${encodeURIComponent(password)}@db/x`)!
        for (const text of [address.shown, JSON.stringify(address), inspect(address)]) {
          expect(text).not.toContain(password)
          expect(text).not.toContain(encodeURIComponent(password))
        }
      }),
    )
  })

  it('that names a certificate which is not there is refused, with the name of the file', async () => {
    const address = postgresAddress('postgres://sink:pass@db/x?sslrootcert=/nowhere/ca.pem')!
    const failure = openPostgres(address)
    await expect(failure).rejects.toThrow('/nowhere/ca.pem')
    await expect(failure).rejects.toBeInstanceOf(StoreError)
    await expect(failure).rejects.toMatchObject({ retriable: false })
  })

  it('is told from a file by its scheme', () => {
    expect(isPostgres('POSTGRES://db/x')).toBe(true)
    expect(isPostgres('postgres/x')).toBe(false)
  })
})
