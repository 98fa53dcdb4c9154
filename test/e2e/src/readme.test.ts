import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describeWithBroker } from '@tidemark/broker/jest'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { blocksOf, type Block } from './markdown-blocks.ts'
import {
  ended,
  repository,
  seriousComplaintsIn,
  startTidemark,
  temporaryFolder,
  type Outcome,
} from './tidemark.ts'

// README.md is run. What stands after `sh` says how:
//   run            in order, in a folder that looks like a fresh clone after its install; `exit=1`: with this exit code.
//                  A block `text output` right behind it is what a terminal would have shown, to the last character.
//   kafka          the same where there is a broker; `processes`: each line is a process that runs until it is stopped.
// A block without any of these is npm's (first-use.test.ts), or a picture.

const readme = readFileSync(join(repository, 'README.md'), 'utf8')
const blocks = blocksOf(readme)
const isShell = ({ words }: Block): boolean => words[0] === 'sh'
const shell = blocks.filter(isShell)

/** A folder with what the commands find in a clone. */
const clone = (): ReturnType<typeof temporaryFolder> => {
  const folder = temporaryFolder()
  for (const name of ['examples', 'node_modules', 'package.json'])
    symlinkSync(join(repository, name), join(folder.path, name))
  return folder
}

/** Runs a script as a shell would; both outputs go into one file, so they come in the order in which they were written. */
const runShell = (folder: string, script: string): Promise<Pick<Outcome, 'code' | 'stdout'>> => {
  const file = join(folder, 'output.txt')
  const output = openSync(file, 'w')
  const child = spawn('sh', ['-e', '-c', script], {
    cwd: folder,
    stdio: ['ignore', output, output],
    // npx must find the command in node_modules; offline it cannot fetch a namesake instead. Its own warnings are not ours.
    env: { ...process.env, npm_config_offline: 'true', npm_config_loglevel: 'error' },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      closeSync(output)
      resolve({ code, stdout: readFileSync(file, 'utf8') })
    })
  })
}

describe('the commands of README.md', () => {
  const folder = clone()
  afterAll(folder.remove)

  it('are all npm’s, run, or run where there is a broker', () => {
    const other = shell.filter(({ words }) => !words.includes('run') && !words.includes('kafka'))
    expect(other.map(({ text }) => text.replaceAll(/ *#.*$/gm, ''))).toEqual([
      'npm start\nnpm test',
    ])
  })

  for (const [index, block] of blocks.entries()) {
    if (!isShell(block) || !block.words.includes('run')) continue
    const after = blocks[index + 1]
    const shown = after?.words.join(' ') === 'text output' ? after.text : null
    const code = Number(block.words.find((word) => word.startsWith('exit='))?.slice(5) ?? 0)
    it(`work as shown in line ${block.line}`, async () => {
      const outcome = await runShell(folder.path, block.text)
      if (shown !== null) expect(outcome.stdout.trimEnd()).toBe(shown)
      expect(outcome.code).toBe(code)
    }, 120_000)
  }

  it('name every command that there is, and none that is not', async () => {
    const help = await runShell(folder.path, 'npx tidemark --help')
    const commands = [...help.stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name!)
    const table = readme.slice(readme.indexOf('## Commands'), readme.indexOf('## Limits'))
    const rows = table.split('\n').filter((line) => line.startsWith('| `'))
    const named = rows.flatMap((row) =>
      [...row.split('|')[1]!.matchAll(/`([a-z-]+)[^`]*`/g)].map(([, name]) => name!),
    )
    expect([...new Set(named)].sort()).toEqual(commands.filter((name) => name !== 'help').sort())
  }, 60_000)
})

describe('the links of README.md', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)]

  it.each(links.map(([, path = '', anchor]) => [path, anchor] as const))(
    'lead to %s',
    (path, anchor) => {
      const file = path === '' ? 'README.md' : path
      expect(existsSync(join(repository, file))).toBe(true)
      if (anchor === undefined) return
      const headings = readFileSync(join(repository, file), 'utf8').match(/^#+ .*$/gm) ?? []
      expect(headings.map(anchorOf)).toContain(anchor)
    },
  )
})

const anchorOf = (heading: string): string =>
  heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

describeWithBroker('the commands of README.md on Kafka', (brokers) => {
  const folder = clone()
  const kafka = shell.filter(({ words }) => words.includes('kafka'))
  const processes = kafka.findIndex(({ words }) => words.includes('processes'))
  const here = (text: string): string => text.replaceAll('localhost:9092', brokers().join(','))
  const running = new Map<string, ReturnType<typeof startTidemark>>()
  const outcomes = new Map<string, Promise<Outcome>>()

  beforeAll(async () => {
    for (const { text } of kafka.slice(0, processes))
      expect(await runShell(folder.path, here(text))).toMatchObject({ code: 0 })
    for (const line of kafka[processes]!.text.split('\n')) {
      const args = here(line).split(' ').slice(2)
      const child = startTidemark(folder.path, args)
      running.set(args[0]!, child)
      outcomes.set(args[0]!, ended(child))
    }
  }, 120_000)
  afterAll(() => {
    for (const child of running.values()) child.kill('SIGKILL')
    folder.remove()
  })

  it('judge the simulated services', async () => {
    const { text } = kafka[processes + 1]!
    let shown = ''
    // The first window closes some 15 s after it began; a look takes about a second.
    for (let looks = 0; looks < 200 && !shown.includes('payment-service'); looks++)
      shown = (await runShell(folder.path, here(text))).stdout
    expect(shown).toContain('payment-service')
    expect(shown).toMatch(/^as of /)
  }, 300_000)

  it('end with exit code 0 when they are told to', async () => {
    for (const child of running.values()) child.kill('SIGTERM')
    for (const [name, outcome] of outcomes) {
      const { code, stdout, stderr } = await outcome
      const complaints = seriousComplaintsIn(stderr)
      expect({ name, code, stdout, complaints }).toEqual({
        ...{ name, code: 0, stdout: '', complaints: [] },
      })
    }
  }, 120_000)
})
