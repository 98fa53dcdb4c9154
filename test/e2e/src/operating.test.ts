import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import { describeWithPromtool, promtoolOn } from './promtool.ts'
import {
  complaintsIn,
  ended,
  jsonLines,
  startTidemark,
  temporaryFolder,
  tidemark,
  type LogLine,
  type Outcome,
} from './tidemark.ts'

// What those who operate Tidemark look at: logs, health, readiness, metrics, lag.

const deadlineMs = 120_000

type Operated = {
  readonly child: ChildProcessWithoutNullStreams
  readonly outcome: Promise<Outcome>
  /** Where it answers HTTP, as it has logged. */
  readonly url: string
}

const operate = async (folder: string, args: readonly string[]): Promise<Operated> => {
  const child = startTidemark(folder, [...args, '--http', '0'])
  const outcome = ended(child)
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (part: string) => {
      text += part
      const found = /"url":"(http:[^"]+)"/.exec(text)
      if (found !== null) resolve(found[1]!)
    })
    void outcome.then(({ stderr }) => {
      reject(new Error(`ended: ${stderr}`))
    })
  })
  return { child, outcome, url }
}

/** Asks until it is answered with 200, and returns the statuses that came before. */
const untilReady = async (url: string): Promise<number[]> => {
  const before: number[] = []
  for (;;) {
    const { status } = await fetch(`${url}/ready`)
    if (status === 200) return before
    before.push(status)
    await setTimeout(100)
  }
}

type Lag = Readonly<Record<string, unknown>> & {
  readonly processor: string
  readonly state: string
  readonly owner: { readonly host: string; readonly pid: number | null } | null
}

const lagIn = async (folder: string, args: readonly string[]): Promise<Lag[]> => {
  const { code, stdout, stderr } = await tidemark(folder, ['lag', '--json', ...args])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return jsonLines<Lag>(stdout)
}

const statesIn = (rows: readonly Lag[]): string[] => [
  ...new Set(rows.map(({ processor, state }) => `${processor} ${state}`)),
]

describe('a process that is operated', () => {
  const folder = temporaryFolder()
  let running: Operated
  let before: number[]

  beforeAll(async () => {
    running = await operate(folder.path, ['start', '--seed', '3', '--data', 'log'])
    before = await untilReady(running.url)
  }, deadlineMs)
  afterAll(() => {
    running.child.kill('SIGKILL')
    folder.remove()
  })

  it('is ready only once it is at work, and healthy all the time', async () => {
    expect(new Set(before)).toEqual(new Set([503]))
    const { status, headers } = await fetch(`${running.url}/health`)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
  })

  it('counts what it reads, under names from closed sets', async () => {
    const metrics = await (await fetch(`${running.url}/metrics`)).text()
    expect(metrics).toMatch(/^tidemark_records_total\{processor="aggregator",.*\} [1-9]/m)
    expect(metrics).toMatch(
      /^tidemark_events_total\{topic="requests",.*outcome="aggregated".*\} \d/m,
    )
    expect(metrics).toMatch(/^tidemark_tasks\{processor="sink",state="running"\} 4$/m)
    expect(metrics).toMatch(/^tidemark_lag_records\{processor="evaluator",/m)
    expect(metrics).not.toMatch(/payment-service|api-gateway/)
  })

  it('owns every task, for everybody to see', async () => {
    const rows = await lagIn(folder.path, ['--data', 'log'])
    expect(statesIn(rows)).toEqual([
      ...['aggregator owned', 'evaluator owned', 'reporter owned', 'sink owned'],
    ])
    for (const { owner } of rows)
      expect(owner).toMatchObject({ host: hostname(), pid: running.child.pid })
    const { stdout } = await tidemark(folder.path, ['lag', '--data', 'log'])
    expect(stdout).toMatch(/^processor +topic +partition +position +end +lag +stream time +state/)
  })

  describeWithPromtool('to Prometheus', () => {
    it('shows metrics that its linter has nothing to say of', async () => {
      const metrics = await (await fetch(`${running.url}/metrics`)).text()
      expect(await promtoolOn(metrics)).toBe('')
      expect(await promtoolOn('# TYPE a_total gauge\na_total 1\n')).not.toBe('')
    })
  })

  it(
    'logs each step of its life under one run, and leaves its tasks to nobody',
    async () => {
      running.child.kill('SIGTERM')
      const { code, stderr } = await running.outcome
      expect({ code, complaints: complaintsIn(stderr) }).toEqual({ code: 0, complaints: [] })
      const lines = jsonLines<LogLine>(stderr)
      expect(new Set(lines.map(({ run }) => run)).size).toBe(1)
      const events = lines.map(({ event }) => event)
      const steps = [
        ...['process.started', 'http.listening', 'group.joined', 'task.acquired', 'task.restored'],
        ...['process.stopping', 'task.released', 'group.left', 'process.stopped'],
      ]
      expect(events.filter((event, i) => events.indexOf(event) === i)).toEqual(steps)
      expect(events.filter((event) => event === 'task.acquired')).toHaveLength(13)
      for (const { state, owner } of await lagIn(folder.path, ['--data', 'log']))
        expect({ state, owner }).toEqual({ state: 'unowned', owner: null })
    },
    deadlineMs,
  )

  it(
    'says when the port is taken, and what is wrong with an option',
    async () => {
      const other = await operate(folder.path, ['simulator', '--data', 'other'])
      const port = other.url.split(':').at(-1)!
      const taken = await tidemark(folder.path, ['sink', '--data', 'other', '--http', port])
      expect(taken.code).toBe(1)
      expect(complaintsIn(taken.stderr)).toMatchObject([
        { event: 'process.failed', error: { code: 'EADDRINUSE' } },
      ])
      other.child.kill('SIGTERM')
      expect(await other.outcome).toMatchObject({ code: 0 })
      for (const wrong of [
        ['--http', 'x'],
        ['--log', 'xml'],
        ['--log-level', 'all'],
        ['--watchdog', '1'],
      ])
        expect(await tidemark(folder.path, ['sink', ...wrong])).toMatchObject({
          code: 2,
          stderr: expect.stringContaining(`tidemark: ${wrong[0]!}: "${wrong[1]!}"`),
        })
    },
    deadlineMs,
  )
})

describeWithBroker('a process that is operated on Kafka', (brokers) => {
  const folder = temporaryFolder()
  afterAll(folder.remove)

  it(
    'becomes ready, owns its tasks for everybody to see, and leaves them to nobody',
    async () => {
      const prefix = `operating-${randomUUID().slice(0, 8)}.`
      const kafka = ['--brokers', brokers().join(','), '--prefix', prefix]
      const provision = ['topics', 'provision', '--partitions', '2', ...kafka]
      expect(await tidemark(folder.path, provision)).toMatchObject({ code: 0 })
      const { child, outcome, url } = await operate(folder.path, ['aggregator', ...kafka])
      expect(await untilReady(url)).not.toEqual([])
      const own = (rows: readonly Lag[]) =>
        rows.filter(({ processor }) => processor === 'aggregator')
      const rows = await lagIn(folder.path, kafka)
      expect(statesIn(rows)).toEqual([
        ...['aggregator owned', 'evaluator unowned', 'reporter unowned', 'sink unowned'],
      ])
      for (const { owner } of own(rows)) expect(owner?.host).toMatch(/./)
      child.kill('SIGTERM')
      expect(await outcome).toMatchObject({ code: 0 })
      expect(statesIn(own(await lagIn(folder.path, kafka)))).toEqual(['aggregator unowned'])
    },
    deadlineMs,
  )
})
