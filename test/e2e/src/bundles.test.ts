import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describeWithBroker } from '@tidemark/broker/jest'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  complaintsIn,
  ended,
  jsonLines,
  repository,
  seriousComplaintsIn,
  temporaryFolder,
  tidemark,
  type LogLine,
  type Outcome,
} from './tidemark.ts'

// What `npm run build` writes works alone: the bundles are run in a folder above which there is neither a source nor a package.

const folder = temporaryFolder()
const bundleOf = (app: string): string => join(folder.path, 'dist', `${app}.cjs`)

const startBundle = (app: string, args: readonly string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [bundleOf(app), ...args], { cwd: folder.path })

const runBundle = (app: string, ...args: string[]): Promise<Outcome> => {
  const child = startBundle(app, args)
  child.stdin.end()
  return ended(child)
}

beforeAll(() => {
  const build = join(repository, 'infra/build.mjs')
  execFileSync(process.execPath, [build, '--into', join(folder.path, 'dist')])
}, 120_000)
afterAll(folder.remove)

const apps = readdirSync(join(repository, 'apps'))
  .filter((app) => existsSync(join(repository, 'apps', app, 'src/main.ts')))
  .sort()

describe('the bundles', () => {
  it('are one for each app', () => {
    const bundles = readdirSync(join(folder.path, 'dist')).filter((name) => name.endsWith('.cjs'))
    expect(bundles.sort()).toEqual(apps.map((app) => `${app}.cjs`))
    expect(apps).toEqual(['aggregator', 'cli', 'evaluator', 'reporter', 'simulator', 'sink'])
  })

  it.each(apps)('say how %s is called', async (app) => {
    const { code, stdout, stderr } = await runBundle(app, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: ${app === 'cli' ? 'tidemark' : app} `))
  })

  it.each(apps)('refuse what %s does not know', async (app) => {
    expect(await runBundle(app, '--no-such-option')).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('the bundle of the command line', () => {
  it('publishes, processes and reports', async () => {
    const example = join(repository, 'examples/shop.ndjson')
    const published = ['publish', example, '--stamp', 'event', '--flush', '--data', 'shop']
    expect(await runBundle('cli', ...published)).toMatchObject({ code: 0 })
    const started = await runBundle('cli', 'start', '--exit-when-caught-up', '--data', 'shop')
    expect(started).toEqual({ code: 0, stdout: '', stderr: '' })
    const bundled = await runBundle('cli', 'report', '--json', '--data', 'shop')
    expect(JSON.parse(bundled.stdout)).toMatchObject({ overallHealth: 'degraded', serviceCount: 4 })
  }, 60_000)

  it('gives what the sources give', async () => {
    const replay = ['replay', '--data', 'shop', '--into', 'again', '--json']
    const { code, stdout } = await tidemark(folder.path, replay)
    expect(JSON.parse(stdout)).toMatchObject({ equal: true })
    expect(code).toBe(0)
  }, 60_000)
})

describe('the bundles of the processors and the simulator', () => {
  const processes = apps.filter((app) => app !== 'cli')
  const data = ['--data', 'live']
  const running = new Map<string, ChildProcessWithoutNullStreams>()
  const outcomes = new Map<string, Promise<Outcome>>()
  const isServed = async (): Promise<boolean> => {
    const { code, stdout } = await runBundle('cli', 'services', '--json', ...data)
    return code === 0 && jsonLines(stdout).length === 5
  }

  beforeAll(async () => {
    const provisioned = ['topics', 'provision', '--partitions', '2', ...data]
    expect(await runBundle('cli', ...provisioned)).toMatchObject({ code: 0 })
    for (const app of processes) {
      const child = startBundle(app, data)
      running.set(app, child)
      outcomes.set(app, ended(child))
    }
  }, 60_000)
  afterAll(() => {
    for (const child of running.values()) child.kill('SIGKILL')
  })

  it('work together, each in a process of its own', async () => {
    let served = false
    // The first window closes some 15 s after it began; a look takes about half a second.
    for (let looks = 0; looks < 300 && !served; looks++) served = await isServed()
    expect(served).toBe(true)
  }, 240_000)

  it('end with exit code 0 at SIGTERM', async () => {
    for (const child of running.values()) child.kill('SIGTERM')
    for (const [app, outcome] of outcomes) {
      const { code, stdout, stderr } = await outcome
      const complaints = complaintsIn(stderr)
      expect({ app, code, stdout, complaints }).toEqual({
        app,
        code: 0,
        stdout: '',
        complaints: [],
      })
      const lines = jsonLines<LogLine>(stderr)
      expect(new Set(lines.map(({ name }) => name))).toEqual(new Set([app]))
      expect(new Set(lines.map(({ run }) => run)).size).toBe(1)
      expect(lines[0]!.event).toBe('process.started')
      expect(lines.at(-1)!.event).toBe('process.stopped')
    }
  }, 60_000)

  it('leave a log that gives the same again', async () => {
    expect(await runBundle('cli', 'start', '--exit-when-caught-up', ...data)).toMatchObject({
      code: 0,
    })
    const replayed = await runBundle('cli', 'replay', '--into', 'live-again', '--json', ...data)
    expect(JSON.parse(replayed.stdout)).toMatchObject({ equal: true })
  }, 120_000)
})

describeWithBroker('the bundles on Kafka', (brokers) => {
  it('speak to a broker', async () => {
    const prefix = `bundles-${randomUUID().slice(0, 8)}.`
    const kafka = ['--brokers', brokers().join(','), '--prefix', prefix]
    expect(await runBundle('cli', 'topics', 'provision', ...kafka)).toMatchObject({ code: 0 })
    const child = startBundle('aggregator', kafka)
    const outcome = ended(child)
    let seen = ''
    // A tick in `requests` says that the aggregator owns the partition and read it to its end.
    for (let looks = 0; looks < 100 && !seen.includes('"Tick"'); looks++)
      seen = (await runBundle('cli', 'tail', 'requests', ...kafka)).stdout
    expect(seen).toContain('"Tick"')
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await outcome
    expect({ code, stdout, complaints: seriousComplaintsIn(stderr) }).toEqual({
      ...{ code: 0, stdout: '', complaints: [] },
    })
  }, 240_000)
})
