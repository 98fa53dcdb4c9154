import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { jsonLines, temporaryFolder, tidemark } from './tidemark.ts'

// A shop whose checkout fails from its third minute on. In the middle of it somebody answers one alert, silences another, and records what is
// no traffic; all of it is seen in what the shop says later, and computed again from the log.

type Json = Readonly<Record<string, any>>

const folder = temporaryFolder()
afterAll(folder.remove)
const data = ['--data', 'shop']
const startUs = 1_795_230_000_000_000
const secondUs = 1_000_000
const isoAt = (second: number): string =>
  new Date((startUs + second * secondUs) / 1000).toISOString().replace('.000Z', 'Z')

const run = async (args: readonly string[], stdin = ''): Promise<string> => {
  const { code, stdout, stderr } = await tidemark(folder.path, [...args, ...data], { stdin })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}
const ask = async (...args: string[]): Promise<Json[]> =>
  jsonLines<Json>(await run([...args, '--json']))
const one = async (...args: string[]): Promise<Json> => {
  const [first, ...others] = await ask(...args)
  expect(others).toEqual([])
  return first!
}

/** One request and, every ten seconds, one check a second of each service; checkout fails from second 120 on. */
const traffic = (fromSecond: number, toSecond: number): string => {
  const lines: object[] = []
  for (let second = fromSecond; second < toSecond; second++)
    for (const service of ['checkout', 'search']) {
      const at = startUs + second * secondUs
      const isBad = service === 'checkout' && second >= 120
      lines.push({ type: 'request', service, at, latencyMs: 20, status: isBad ? 500 : 200 })
      if (second % 10 === 0) lines.push({ type: 'health-check', service, at, passed: true })
    }
  return lines.map((line) => JSON.stringify(line)).join('\n')
}

const process = async (fromSecond: number, toSecond: number): Promise<void> => {
  await run(['publish', '--stamp', 'event', '--flush'], traffic(fromSecond, toSecond))
  await run(['start', '--exit-when-caught-up'])
}

let alertId = ''
let silenceId = ''

beforeAll(async () => {
  const provisioned = ['topics', 'provision', '--timestamps', 'producer', '--partitions', '1']
  await run([...provisioned, '--register', 'checkout:shop,search:finders'])
  await process(0, 240)
  const alerts = await ask('alerts', '--firing')
  alertId = String(alerts.find(({ rule }) => rule === 'health')!.alertId)
  await run(['ack', alertId.slice(0, 8), '--by', 'ada', '--note', 'rolling back'])
  const matchers = ['service=checkout', 'rule=error-rate']
  const silence = ['silence', 'add', ...matchers, '--for', '1h', '--by', 'bob']
  silenceId = String((await one(...silence)).id)
  const checkout = ['--service', 'checkout', '--by', 'carol']
  const cost = ['--month', '2026-11', '--amount', '1234.56', '--currency', 'EUR']
  await run(['record', 'cost', ...checkout, ...cost])
  await run(['record', 'deployment', ...checkout, '--deployment', 'v42', '--at', isoAt(100)])
  const incident = ['--incident', 'INC-7', '--opened', isoAt(120), '--closed', isoAt(180)]
  await run(['record', 'incident', ...checkout, ...incident])
  const runbook = { type: 'evidence', service: 'checkout', check: 'runbook', result: 'passed' }
  await run(['record', 'facts'], JSON.stringify(runbook))
  await process(250, 480)
  await run(['silence', 'expire', silenceId.slice(0, 8), '--by', 'bob'])
  await process(490, 600)
}, 120_000)

const rowOf = ({ services }: Json, service: string): Json =>
  (services as Json[]).find((row) => row.service === service)!

describe('facts that somebody said', () => {
  it('are in the report: cost, incident, deployment, evidence', async () => {
    const report = await one('report')
    const checkout = rowOf(report, 'checkout')
    expect(checkout.costs).toMatchObject([
      { currency: 'EUR', month: '2026-11', amountMinor: 123_456, trend: 'stable' },
    ])
    expect(report.monthlyCost).toEqual([{ currency: 'EUR', amountMinor: 123_456 }])
    expect(checkout.reliability).toMatchObject({ deployments: 1, deploymentsFailed: 1 })
    expect(checkout.reliability.incidents).toBeGreaterThanOrEqual(1)
    const runbook = (checkout.governance.findings as Json[]).find(
      ({ check }) => check === 'runbook',
    )
    expect(runbook).toMatchObject({ result: 'passed' })
    expect(rowOf(report, 'search').costs).toEqual([])
    const text = await run(['report'])
    expect(text).toContain('Cost of the month: 1,234.56 EUR')
    expect(text).toMatch(/^search +\S+ +operational runbook/m)
  })

  it('were not yet there before they were said', async () => {
    const before = await one('report', '--at', isoAt(200))
    expect(rowOf(before, 'checkout').costs).toEqual([])
    const diff = await one('report', '--diff', isoAt(200))
    expect(diff.costs).toMatchObject([
      { service: 'checkout', currency: 'EUR', before: null, after: { amountMinor: 123_456 } },
    ])
  })

  it('are the story of the alert: who answered it, and when', async () => {
    const story = await one('alert', alertId.slice(0, 8))
    expect(story).toMatchObject({
      state: 'firing',
      acknowledgement: { by: 'ada', note: 'rolling back', until: null },
    })
    expect((story.history as Json[]).map(({ event }) => event as string)).toContain(
      'AlertAcknowledged',
    )
    expect(await run(['alert', alertId])).toContain('answered by ada: rolling back')
    expect(
      (await ask('alerts', '--acknowledged')).map((alert) => alert.alertId as string),
    ).toContain(alertId)
    expect(await ask('alerts', '--unanswered', 'service=checkout', 'rule=health')).toEqual([])
  })

  it('are the list of silences', async () => {
    expect(await ask('silence', 'list')).toEqual([])
    expect(await ask('silence', 'list', '--all')).toMatchObject([
      {
        id: silenceId,
        matchers: '{service="checkout", rule="error-rate"}',
        by: 'bob',
        expired: { by: 'bob' },
      },
    ])
  })

  it('are the mark of the alert that they hid, which was recorded all the same', async () => {
    const story = await one('alert', String((await ask('alerts', 'rule=error-rate'))[0]!.alertId))
    const silenced = (story.history as Json[]).map(({ silencedBy }) => silencedBy as string[])
    expect(silenced).toEqual([[], [silenceId], []])
    expect(story.silences).toMatchObject([{ id: silenceId, by: 'bob' }])
    expect(await run(['alert', String(story.alertId)])).toContain(
      `no longer silenced by ${silenceId}`,
    )
  })

  it('are objectives with a budget that burns', async () => {
    const objectives = await ask('slo', '--service', 'checkout')
    expect(objectives.map(({ slo }) => slo as string)).toEqual(['availability', 'latency', 'jobs'])
    // One request a second in three stretches; bad from the third minute on.
    expect(objectives[0]).toMatchObject({ valid: 580, bad: 460, met: false })
    expect(objectives[0]!.hours.at(-1)).toMatchObject({ valid: 580, bad: 460 })
    expect(await run(['slo'])).toContain('checkout  availability')
  })

  it('are a page that tells of all of it', async () => {
    await run(['report', '--html', 'digest.html', '--since', isoAt(60)])
    const page = readFileSync(join(folder.path, 'digest.html'), 'utf8')
    for (const words of ['1,234.56 EUR', 'newly missed', 'health', 'checkout'])
      expect(page).toContain(words)
    expect(await run(['report', '--markdown', '--since', isoAt(60)])).toContain('## What changed')
  })

  it('are costs of a bill, summed per service and month', async () => {
    const header =
      'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName'
    const charge = (cost: string, name: string): string =>
      `${cost},${cost},EUR,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,${name}`
    writeFileSync(
      join(folder.path, 'bill.csv'),
      [header, charge('0.105', 'Compute'), charge('0.2', 'Compute')].join('\n'),
    )
    const args = ['record', 'cost', '--csv', 'bill.csv', '--map', 'Compute=search']
    expect(await run(args)).toContain('search: 0.31 EUR in 2026-11')
  })

  it('give the same again, byte for byte', async () => {
    await run(['start', '--exit-when-caught-up'])
    expect(await run(['verify'])).toMatch(/^equal: \d+ input records give what was emitted/m)
  })
})
