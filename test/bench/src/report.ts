import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from './harness/row.ts'
import { withAnswers, withOwnTable } from './harness/readme-table.ts'
import { rows } from './rows.ts'

// `npm run bench:report [-- ROW...]`: runs rows, all of them unless some are named, each in a process of its own, and writes their lines into
// the table of the README.

const root = join(import.meta.dirname, '../../..')
const readme = join(root, 'README.md')
const names = rows.map(({ name }) => name)
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(', ')}; there are ${names.join(', ')}`)
  process.exit(2)
}

const main = join(import.meta.dirname, 'main.ts')
for (const { name, table } of rows.filter(
  ({ name }) => wanted.length === 0 || wanted.includes(name),
)) {
  console.error(`== ${name} ==`)
  const { stdout } = spawnSync(process.execPath, [main, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  const line = stdout.split('\n').find((it) => it.startsWith('{'))
  if (line === undefined) {
    console.error(`${name} has no answer`)
    process.exitCode = 1
    continue
  }
  // After each row, so that a long run that is stopped keeps what it has.
  const result = JSON.parse(line) as Answer
  const written = withAnswers(readFileSync(readme, 'utf8'), names, [result])
  writeFileSync(readme, table === undefined ? written : withOwnTable(written, name, table(result)))
}

// What a load takes follows from what was measured.
await import('./capacity/write.ts')
