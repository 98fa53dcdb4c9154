import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { describeStore } from './conformance/index.ts'
import { StoreError, type Sql } from './sql.ts'
import { openSqlite } from './sqlite.ts'

const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'tidemark-store-'))

describeStore('SQLite', () => {
  const folder = temporaryFolder()
  const opened: Sql[] = []
  return Promise.resolve({
    open: (options) => {
      const sql = openSqlite(join(folder, 'store.sqlite'), options)
      opened.push(sql)
      return Promise.resolve(sql)
    },
    close: async () => {
      for (const sql of opened) await sql.close()
      rmSync(folder, { recursive: true })
    },
  })
})

it('makes the folder of the file, and says which file cannot be opened', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a', 'b', 'store.sqlite')
  expect(() => openSqlite(file, { readOnly: true })).toThrow(StoreError)
  await openSqlite(file).close()
  expect(() => openSqlite(folder)).toThrow(folder)
  rmSync(folder, { recursive: true })
})
