import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ctrlC, describeWithTerminal, onTerminal } from './terminal.ts'
import {
  complaintsIn,
  ended,
  main,
  jsonLines,
  repository,
  startTidemark,
  temporaryFolder,
  tidemark,
  type Outcome,
} from './tidemark.ts'

// What somebody does who has just cloned: start, look on, Ctrl-C, ask, start again.

type Json = Readonly<Record<string, unknown>>

/** The first window closes some 15 s after it began; a service whose traffic is bad then raises an alert in it or soon after. */
const deadlineMs = 240_000

const folder = temporaryFolder()
afterAll(folder.remove)
const ask = async (...args: string[]): Promise<Json[]> => {
  const { code, stdout, stderr } = await tidemark(folder.path, [...args, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return jsonLines<Json>(stdout)
}

/** Looks on until a line of each form was there, then looks into the snapshots as well, and presses Ctrl-C. */
const lookedAt = async (
  child: ChildProcessWithoutNullStreams,
  forms: readonly RegExp[],
  look: () => Promise<boolean>,
): Promise<Outcome> => {
  const outcome = ended(child)
  let stdout = ''
  const seen = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: string) => {
      stdout += text
      if (forms.every((form) => form.test(stdout))) resolve()
    })
  })
  await Promise.race([seen, outcome])
  let isThere = false
  for (let looks = 0; looks < 100 && !isThere && child.exitCode === null; looks++)
    isThere = await look()
  child.kill('SIGINT')
  return outcome
}

const raised = / {2}alert {3}raised /
const reported = / {2}report {2}platform /

describe('npm start', () => {
  it('starts what these tests start', () => {
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    expect(scripts.start).toBe('node apps/cli/src/main.ts start')
  })
})

describe('a first start, into a file', () => {
  let outcome: Outcome
  beforeAll(async () => {
    // The seed is that of this test: by default it is drawn from the time, and with it when the first alert comes.
    const child = startTidemark(folder.path, ['start', '--seed', '1'], { FORCE_COLOR: '1' })
    outcome = await lookedAt(child, [raised, reported], async () => {
      const { code, stdout } = await tidemark(folder.path, ['report', '--json'])
      return code === 0 && (JSON.parse(stdout) as { alertCount: number }).alertCount > 0
    })
  }, deadlineMs)

  it('ends with exit code 0 at Ctrl-C, having no complaint', () => {
    expect({ code: outcome.code, complaints: complaintsIn(outcome.stderr) }).toEqual({
      ...{ code: 0, complaints: [] },
    })
  })

  it('says each status change, alert and report in a line, and draws nothing', () => {
    const lines = outcome.stdout.trimEnd().split('\n')
    const service = '[a-z-]+'
    const status = '(?:healthy|degraded|critical|down|unknown)'
    const forms = [
      `status  ${service}: (?:new|${status}) -> ${status}`,
      `alert   raised (?:page|critical|warning) \\[[a-z0-9-]+\\] ${service}: .+`,
      `alert   (?:(?:changed|marked|escalated) (?:page|critical|warning)|resolved) \\[[a-z0-9-]+\\] ${service}: .+`,
      `report  platform ${status}: \\d+ ${status}(?:, \\d+ ${status})*; \\d+ alerts? firing`,
      // Started right after a full minute, whose report can only say that nothing was judged yet.
      'report  platform unknown: no services; 0 alerts firing',
    ]
    const known = new RegExp(`^\\d\\d:\\d\\d:\\d\\dZ  (?:${forms.join('|')})$`)
    expect(lines.filter((line) => !known.test(line))).toEqual([])
    for (const kind of [/ {2}status {2}/, raised, reported])
      expect(lines.some((line) => kind.test(line))).toBe(true)
  })

  it('leaves a report', async () => {
    const { code, stdout, stderr } = await tidemark(folder.path, ['report'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Platform \w+ as of \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n5 services: /)
  })
})

/** The keys of a shape, those of its parts in parentheses behind them. */
const shapeOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${shapeOf(value[0])}]`
  if (typeof value !== 'object' || value === null) return ''
  return `(${Object.entries(value)
    .map(([key, part]) => `${key}${shapeOf(part)}`)
    .join(' ')})`
}

const quantiles = ['p50', 'p95', 'p99', 'p999'].map((name) => `${name}(valueUs lowUs highUs)`)
const latency = `(count ${quantiles.join(' ')} maxUs)`

const marks = ['flapping', 'silencedBy', 'inhibitedBy', 'acknowledgement', 'escalation']

describe('the JSON of the command line', () => {
  it('has one form for windows of requests, and one for those of health checks', async () => {
    const windows = await ask('windows')
    const [requests, checks] = ['requests', 'health-checks'].map((source) =>
      windows.filter((window) => window.source === source),
    )
    expect(requests!.length + checks!.length).toBe(windows.length)
    expect(requests!.length).toBeGreaterThanOrEqual(5)
    expect(checks!.length).toBeGreaterThanOrEqual(5)
    for (const { statuses, operations, ...window } of requests!) {
      expect(shapeOf(window)).toBe(
        `(source service window(start end) total failed overRange latency${latency})`,
      )
      for (const status of Object.keys(statuses as Json)) expect(status).toMatch(/^\d{3}$/)
      for (const { statuses: _, ...operation } of operations as Json[])
        expect(shapeOf(operation)).toBe(`(operation total failed overRange latency${latency})`)
    }
    for (const window of checks!)
      expect(shapeOf(window)).toBe('(source service window(start end) passed failed)')
  }, 60_000)

  it('has one form for reports', async () => {
    const [report, ...others] = await ask('report')
    expect(others).toEqual([])
    const { services, alerts, inputs, sloBreaches, ...rest } = report!
    expect(shapeOf(rest)).toBe(
      '(asOf overallHealth serviceCount alertCount alertsOmitted servicesOmitted ' +
        'summary(healthy degraded critical down unknown maintenance) ' +
        'slosJudged slosMissed monthlyCost[] overBudgetCount averageReliability reliabilityCount ' +
        'governanceFailures ignored[])',
    )
    expect(Array.isArray(sloBreaches)).toBe(true)
    expect(report).toMatchObject({ serviceCount: 5, ignored: [] })
    expect(services).toHaveLength(5)
    for (const row of services as Json[])
      expect(Object.keys(row)).toEqual([
        ...['service', 'status', 'since', 'stale', 'team', 'tier', 'registered', 'signals'],
        ...['slos', 'costs', 'reliability', 'governance', 'standing'],
      ])
    expect((alerts as Json[]).length).toBeGreaterThanOrEqual(1)
    for (const alert of alerts as Json[])
      expect(Object.keys(alert)).toEqual([
        ...['alertId', 'fingerprint', 'rule', 'service', 'slo', 'severity', 'raisedAt', 'summary'],
        ...marks,
      ])
    expect((inputs as Json[]).length).toBe(12)
    for (const input of inputs as Json[]) expect(shapeOf(input)).toBe('(topic partition position)')
  }, 60_000)

  it('has one form for services', async () => {
    const services = await ask('services')
    expect(services.map(({ service }) => service)).toEqual([
      ...['api-gateway', 'document-export', 'notification-svc', 'payment-service'],
      'session-store',
    ])
    for (const { asOf, signals } of services) {
      expect(asOf).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(Object.keys(signals as Json)).toEqual(['errorRate', 'availability', 'latency'])
    }
  }, 60_000)

  it('has one form for alerts, which name the inputs that they rest on', async () => {
    const alerts = await ask('alerts')
    expect(alerts.length).toBeGreaterThanOrEqual(1)
    for (const alert of alerts) {
      expect(Object.keys(alert)).toEqual([
        ...['alertId', 'fingerprint', 'rule', 'service', 'slo', 'labels', 'runbook', 'severity'],
        ...['state', 'raisedAt', 'resolvedAt', 'reason', 'episode', 'summary', ...marks],
        ...['evidence', 'inputs', 'history'],
      ])
      expect(['firing', 'resolved']).toContain(alert.state)
      expect(Object.keys(alert.evidence as Json)).toEqual([
        ...['window', 'ruleId', 'configurationId', 'previousStatus', 'status', 'signals'],
        ...['condition', 'burn', 'budget', 'reasons'],
      ])
      for (const input of alert.inputs as Json[])
        expect(shapeOf(input)).toBe(
          '(topic partition firstOffset lastOffset records events digest)',
        )
    }
  }, 60_000)

  it('has one form for the ledger, and the ledger is balanced', async () => {
    const ledger = await ask('ledger')
    expect(ledger).toHaveLength(12)
    for (const { rejected, ...row } of ledger) {
      expect(shapeOf(row)).toBe(
        '(topic partition position events aggregated late duplicate lost open)',
      )
      const { events, aggregated, late, duplicate } = row as Record<string, number>
      const refused = Object.values(rejected as Record<string, number>)
      expect(refused.reduce((sum, count) => sum + count, aggregated! + late! + duplicate!)).toBe(
        events,
      )
    }
  }, 60_000)
})

describe('a second start', () => {
  let before: readonly Json[][]
  let after: readonly Json[][]
  const askAll = async (): Promise<Json[][]> => [await ask('ledger'), await ask('alerts')]

  beforeAll(async () => {
    before = await askAll()
    const child = startTidemark(folder.path, ['start', '--seed', '2'])
    const { code, stderr } = await lookedAt(child, [reported], () => Promise.resolve(true))
    expect({ code, complaints: complaintsIn(stderr) }).toEqual({ code: 0, complaints: [] })
    after = await askAll()
  }, deadlineMs)

  it('goes on where the first one stopped', () => {
    const [earlier, later] = [before[0]!, after[0]!]
    for (const [i, row] of earlier.entries()) {
      const { topic, partition, position, events } = row as Record<string, number>
      expect(later[i]).toMatchObject({ topic, partition })
      expect(later[i]!.position).toBeGreaterThan(position!)
      expect(later[i]!.events).toBeGreaterThanOrEqual(events!)
    }
  })

  it('raises no alert a second time', () => {
    const raises = after[1]!.map(({ alertId, history }) => ({
      alertId,
      raises: (history as Json[]).filter(({ event }) => event === 'AlertRaised').length,
    }))
    expect(raises.filter((alert) => alert.raises !== 1)).toEqual([])
    expect(new Set(raises.map(({ alertId }) => alertId)).size).toBe(raises.length)
    const ids = raises.map(({ alertId }) => alertId)
    for (const { alertId } of before[1]!) expect(ids).toContain(alertId)
  })

  it('gives what a replay of both gives', async () => {
    expect(await tidemark(folder.path, ['start', '--exit-when-caught-up'])).toMatchObject({
      code: 0,
    })
    const { code, stdout } = await tidemark(folder.path, ['replay', '--into', 'again', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ equal: true })
    expect(code).toBe(0)
  }, 120_000)
})

describeWithTerminal('a start on a terminal', () => {
  const terminal = temporaryFolder()
  afterAll(terminal.remove)

  it(
    'draws a table of the services, in colour and again when it changes',
    async () => {
      const child = onTerminal(terminal.path, [process.execPath, main, 'start'])
      const outcome = ended(child)
      let shown = ''
      child.stdout.on('data', (text: string) => {
        const before = shown
        shown += text
        if (isDrawnAgain(shown) && !isDrawnAgain(before)) child.stdin.write(ctrlC)
      })
      expect(await outcome).toMatchObject({ code: 0 })
      const [first, ...later] = tablesIn(shown)
      expect(first).toContain('waiting for the first window to close')
      expect(first).toMatch(
        /service +status +since +requests +errors +p50 +p95 +p99 +checks passed/,
      )
      for (const service of ['api-gateway', 'payment-service']) expect(first).toContain(service)
      // Which of them it is depends on the traffic.
      const inColour = ['32mhealthy', '33mdegraded', '31mcritical', '31mdown']
      const lines = later.flatMap((table) => table.split('\n'))
      const judged = lines.filter((line) => /^session-store .*%/.test(line))
      expect(judged.length).toBeGreaterThanOrEqual(1)
      expect(inColour.some((status) => judged[0]!.includes(escape + status))).toBe(true)
    },
    deadlineMs,
  )
})

const escape = '\u001b['

/** What was drawn between two moves of the cursor to the top of the table. */
const tablesIn = (shown: string): string[] =>
  shown.split(new RegExp(`${escape.replace('[', '\\[')}\\d+A${escape.replace('[', '\\[')}0J`))

/** A table of judged services stands where the first one stood. */
const isDrawnAgain = (shown: string): boolean => {
  const [, ...later] = tablesIn(shown)
  return later.some((table) => /as of \d\d:\d\d:\d\dZ[^]*session-store .*%/.test(table))
}
