import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { passwordOf } from './password.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-store-'))
const file = join(folder, 'passwords')
afterAll(() => rmSync(folder, { recursive: true }))

const request = { host: 'db', port: 5432, database: 'tidemark', user: 'sink' }
const found = (...lines: readonly string[]): Promise<string> => {
  writeFileSync(file, lines.join('\n'), { mode: 0o600 })
  return passwordOf(request, { PGPASSFILE: file })
}

describe('a password', () => {
  it('comes from the first line of the file that fits', async () => {
    const others = ['', '#db:5432:tidemark:sink:no', 'db:5433:*:*:no', 'other:*:*:*:no', 'db:5432']
    expect(await found(...others, '*:*:tidemark:sink:first', '*:*:*:*:second')).toBe('first')
    expect(await found('db:5432:tidemark:sink:of windows\r', '')).toBe('of windows')
  })

  it('and what it belongs to may hold colons and backslashes, behind a backslash', async () => {
    writeFileSync(file, String.raw`\:\:1:*:a\\b:sink:p\:q\\`, { mode: 0o600 })
    const odd = { ...request, host: '::1', database: String.raw`a\b` }
    expect(await passwordOf(odd, { PGPASSFILE: file })).toBe('p:q\\')
  })

  it('of the environment goes first', async () => {
    writeFileSync(file, '*:*:*:*:of the file', { mode: 0o600 })
    expect(await passwordOf(request, { PGPASSFILE: file, PGPASSWORD: 'given' })).toBe('given')
  })

  it('that is nowhere is asked for, with the places', async () => {
    await expect(found('db:5432:tidemark:other:no', 'db:5432:tidemark:sink:')).rejects.toThrow(
      /PGPASSWORD.*passwords/,
    )
  })
})
