import { parseArgs } from 'node:util'
import { answer, commit } from './harness/answering.ts'
import { profileInto, profileLines } from './harness/profile.ts'
import { tableHead, tableLines } from './harness/table.ts'
import { rows } from './rows.ts'

// `npm run bench -- ROW [ROW...] [--repetitions 5] [--scale 1] [--seed 42] [--profile FOLDER]`: a line of JSON and the rows of a table for each.
// Without a row it lists them.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repetitions: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '42' },
    profile: { type: 'string' },
  },
})

const numberOf = (option: 'repetitions' | 'scale' | 'seed'): number => {
  const value = Number(values[option])
  if (!(value > 0)) throw new Error(`--${option} is ${values[option]}, not a positive number`)
  return value
}

const unknown = positionals.filter((name) => !rows.some((row) => row.name === name))
if (positionals.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no such row: ${unknown.join(', ')}`)
  for (const { name, title } of rows) console.log(`${name.padEnd(28)} ${title}`)
  process.exit(unknown.length > 0 ? 2 : 0)
}

if (values.profile !== undefined) profileInto(values.profile)

const setting = {
  ...{ scale: numberOf('scale'), seed: numberOf('seed') },
  note: (line: string) => void process.stderr.write(`${line}\n`),
}
const about = { ...commit(), date: new Date().toISOString() }
for (const name of positionals) {
  const row = rows.find((it) => it.name === name)!
  const result = await answer(row, numberOf('repetitions'), setting, about)
  console.log(JSON.stringify(result))
  console.log([...tableHead, ...tableLines(result)].join('\n'))
  if (row.table !== undefined) console.log(['', ...row.table(result)].join('\n'))
  if (result.promises.some(({ isReached }) => isReached === false)) process.exitCode = 1
}
if (values.profile !== undefined) console.log(profileLines(values.profile).join('\n'))
