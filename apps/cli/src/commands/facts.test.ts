import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { runCommandLine } from '../cli.ts'
import { testTerminal } from '../testing/terminal.ts'

// The commands that say facts and show what became of them, on the shop of README.md in a folder.

const folder = mkdtempSync(join(tmpdir(), 'tidemark-facts-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const signal = new AbortController().signal
const data = ['--data', join(folder, 'shop')]

const run = async (args: readonly string[], input = '') => {
  const terminal = testTerminal({ input })
  const code = await runCommandLine([...args, ...data], { terminal, signal, process })
  return { code, out: terminal.printed.join('\n'), err: terminal.complained.join('\n') }
}
const done = async (args: readonly string[], input = ''): Promise<string> => {
  const { code, out, err } = await run(args, input)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}
const json = async (args: readonly string[]): Promise<any[]> =>
  (await done([...args, '--json'])).split('\n').map((line) => JSON.parse(line) as unknown)

beforeAll(async () => {
  const shop = join(import.meta.dirname, '../../../../examples/shop.ndjson')
  await done(['publish', shop, '--stamp', 'event', '--flush'])
  await done(['start', '--exit-when-caught-up'])
}, 60_000)

describe('a report', () => {
  it('tells what changed since another moment', async () => {
    const text = await done(['report', '--diff', '2026-11-21T03:01:20Z'])
    expect(text).toContain(
      'Platform down -> degraded, 2026-11-21T03:01:20Z to 2026-11-21T03:04:00Z',
    )
    const [diff] = await json(['report', '--diff', '2026-11-21T03:01:20Z'])
    expect(diff).toMatchObject({
      overallHealth: { before: 'down', after: 'degraded' },
      statuses: [{ service: 'checkout', before: 'down', after: 'healthy' }, { service: 'search' }],
      raised: { length: 3 },
      resolved: { length: 3 },
    })
  })

  it('is a page or Markdown of the time that it looks back on', async () => {
    const file = join(folder, 'digest.html')
    const since = ['--since', '2026-11-21T03:00:10Z']
    expect(await done(['report', '--html', file, ...since])).toBe(
      `${file}: the report as of 2026-11-21T03:04:00Z`,
    )
    const page = readFileSync(file, 'utf8')
    expect(page).toMatch(/^<!doctype html>/)
    // From the changes of status that the store keeps.
    expect(page).toContain('healthy for 1m 20s, critical for 10s, down for 1m 40s')
    expect(await done(['report', '--markdown', ...since])).toContain(
      '| checkout | 47.8% | █ up to ',
    )
  })

  it('looks back to where the snapshots begin, where that is less than a week', async () => {
    expect(await done(['report', '--markdown'])).toContain('Looking back to 2026-11-21 03:00 UTC.')
  })

  it('changes nothing by being read', async () => {
    const before = await done(['ledger'])
    await done(['report'])
    expect(await done(['ledger'])).toBe(before)
  })
})

describe('alerts', () => {
  it('are chosen by what is so of them', async () => {
    const rules = async (...args: string[]) =>
      (await json(['alerts', ...args])).map(({ rule, service }) => `${rule} of ${service}`)
    expect(await rules('--firing')).toEqual(['health of search'])
    expect(await rules('--unanswered')).toEqual(['health of search'])
    expect(await done(['alerts', '--silenced', '--json'])).toBe('')
    expect(await done(['alerts', '--acknowledged', '--json'])).toBe('')
    expect(await done(['alerts', 'rule="none of these"', '--json'])).toBe('')
  })

  it('are each a story, by the beginning of an id', async () => {
    const [alert] = await json(['alerts'])
    const { alertId } = alert as { alertId: string }
    expect(await done(['alert', alertId.slice(0, 6)])).toContain(`Alert ${alertId}, episode 1`)
    expect(await json(['alert', alertId])).toMatchObject([
      { alertId, silences: [], inhibitors: [] },
    ])
    expect(await run(['alert', 'ffffffff'])).toMatchObject({ code: 2, err: /no alert has an id/ })
    expect(await run(['alert', 'no'])).toMatchObject({ code: 2, err: /is no id of an alert/ })
  })

  it('are answered while they fire', async () => {
    const alerts = await json(['alerts'])
    const firing = alerts.find(({ state }) => state === 'firing') as { alertId: string }
    const over = alerts.find(({ state }) => state === 'resolved') as { alertId: string }
    expect(
      await json(['ack', firing.alertId.slice(0, 8), '--by', 'ada', '--note', 'on it']),
    ).toEqual([
      {
        type: 'AcknowledgementGiven',
        id: expect.any(String),
        // The time of the log, whose records are stamped by producers.
        atUs: 1_795_230_245_000_000,
        ...{ by: 'ada', note: 'on it', service: 'search', alertId: firing.alertId, untilUs: null },
        places: [{ partition: 0, offset: expect.any(Number), timestampMs: 1_795_230_245_000 }],
      },
    ])
    expect(await done(['snooze', firing.alertId, '--for', '1h'])).toMatch(
      /^search: alert [0-9a-f]{32} snoozed until 2026-11-21T04:04:05Z \(facts\/0@\d+\)$/,
    )
    expect(await run(['ack', over.alertId])).toMatchObject({ code: 2, err: /is resolved/ })
  })
})

describe('silences', () => {
  it('are made, listed, and ended', async () => {
    const made = await done(['silence', 'add', 'service=search', '--for', '1h', '--by', 'ada'])
    expect(made).toMatch(
      /^silence [0-9a-f-]{36}: \{service="search"\} from 2026-11-21T03:04:05Z to 2026-11-21T04:04:05Z \(facts\/0@\d+ and 3 more partitions\)$/,
    )
    await done(['start', '--exit-when-caught-up'])
    const [silence] = await json(['silence', 'list'])
    expect(silence).toMatchObject({ matchers: '{service="search"}', by: 'ada', expired: null })
    const { id } = silence as { id: string }
    expect(await done(['silence', 'list'])).toContain(id.slice(0, 8))
    await done(['silence', 'expire', id.slice(0, 8), '--by', 'bob'])
    await done(['start', '--exit-when-caught-up'])
    expect(await done(['silence', 'list'])).toBe('No silences')
    expect(await json(['silence', 'list', '--all'])).toMatchObject([
      { id, state: 'over', expired: { by: 'bob' } },
    ])
    expect(await run(['silence', 'expire', id])).toMatchObject({ code: 2, err: /is over already/ })
    expect(await run(['silence', 'expire', 'ffffffff'])).toMatchObject({ code: 2 })
  })

  it('show first what they would hide', async () => {
    const [preview] = await json(['silence', 'preview', 'service=~"check.*"'])
    expect(preview).toMatchObject({
      matchers: '{service=~"check.*"}',
      services: ['checkout'],
      servicesKnown: 4,
    })
    expect(await done(['silence', 'preview', 'service=search'])).toContain(
      '{service="search"} matches 1 service of 4: search',
    )
  })

  it('are not made where they would hide more than they may', async () => {
    const args = ['silence', 'add', 'service!=none', '--for', '1h', '--max-services', '3']
    const { code, out, err } = await run(args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('nothing was silenced: 4 services of 4 would be hidden, more than 3')
    expect(await done([...args, '--yes'])).toMatch(/^silence /)
  })
})

describe('facts', () => {
  it.each([
    [
      'cost --month 2026-11 --amount 1234.56 --currency EUR',
      'checkout: 1,234.56 EUR in 2026-11, through 2026-11-21T03:04:05Z',
    ],
    [
      'deployment --deployment v42 --at 2026-11-21T03:00:00Z',
      'checkout: deployment v42 finished at 2026-11-21T03:00:00Z',
    ],
    [
      'incident --incident INC-7 --opened 2026-11-21T03:00:00Z',
      'checkout: incident INC-7 opened at 2026-11-21T03:00:00Z',
    ],
    ['evidence --check runbook --result passed', 'checkout: runbook passed'],
    ['correction --slo availability --at 2026-11-21T03:00:00Z --valid=-4 --bad=+0', null],
    [
      'correction --slo availability --at 2026-11-21T03:00:00Z --valid=-4 --bad=-3',
      'checkout: availability corrected by -4 valid and -3 bad events at 2026-11-21T03:00:00Z',
    ],
  ])('are recorded from flags: %s', async (flags, text) => {
    const args = ['record', ...flags.split(' '), '--service', 'checkout']
    if (text === null) expect(await run(args)).toMatchObject({ code: 2 })
    else {
      expect(await done([...args, '--dry-run'])).not.toContain('facts/')
      expect(await done(args)).toMatch(
        new RegExp(`^${text.replaceAll('+', '\\+')} \\(facts/2@\\d+\\)$`),
      )
    }
  })

  it('of the future of the log are refused', async () => {
    const args = 'record deployment --service checkout --deployment v9 --at 2030-01-01T00:00:00Z'
    expect(await run(args.split(' '))).toMatchObject({ err: /is in the future of this log/ })
  })

  it('are recorded from lines, bad ones named', async () => {
    const line = { type: 'deployment', service: 'search', at: '2026-11-21T03:00:00Z' }
    const lines = [JSON.stringify({ ...line, deployment: 'v1' }), '{', '', JSON.stringify(line)]
    const { code, out, err } = await run(['record', 'facts'], lines.join('\n'))
    expect({ code, out }).toEqual({ code: 1, out: 'recorded 1 fact, 2 bad lines' })
    expect(err.split('\n')).toEqual([
      'line 2: expected a key in double quotes (column 2)',
      'line 4: deployment: missing',
    ])
    const dry = await run(['record', 'facts', '--dry-run', '--json'], lines.join('\n'))
    expect(JSON.parse(dry.out)).toEqual({ recorded: 0, valid: 1, bad: 2 })
  })

  it('are costs of a file in FOCUS columns, all of it or nothing', async () => {
    const file = join(folder, 'focus.csv')
    const row = (cost: string, name: string) =>
      `${cost},EUR,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,${name}`
    writeFileSync(
      file,
      [
        'EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName',
        ...[row('0.1', 'EC2'), row('0.205', 'EC2'), row('7', 'Object Store')],
      ].join('\n'),
    )
    const map = join(folder, 'map.json')
    writeFileSync(map, '{"EC2":"checkout"}')
    const args = ['record', 'cost', '--csv', file, '--column', 'effective', '--service-map', map]
    const refused = await run(args)
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toBe(
      'line 4: ServiceName: "Object Store" is no service of ours; say which with --map\nnothing was recorded: 1 bad row; mend them, or record the others with --skip-bad',
    )
    const skipped = await run([...args, '--skip-bad', '--dry-run'])
    expect(skipped).toMatchObject({
      code: 1,
      out: 'checkout: 0.31 EUR in 2026-11, through 2026-11-02T00:00:00Z\n1 cost from 2 rows, 1 bad row',
    })
    const out = await done([...args, '--map', 'Object Store=search'])
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^checkout: 0.31 EUR in 2026-11, .* \(facts\/2@\d+\)$/),
      expect.stringMatching(/^search: 7.00 EUR in 2026-11, .* \(facts\/0@\d+\)$/),
      '2 costs from 3 rows, 0 bad rows',
    ])
    expect(await run([...args, '--column', 'billed'])).toMatchObject({
      code: 2,
      err: /the header lacks BilledCost/,
    })
  })

  it('leave everything that can be computed again as it was', async () => {
    await done(['start', '--exit-when-caught-up'])
    expect(await done(['verify'])).toMatch(/^equal: /m)
  })
})
