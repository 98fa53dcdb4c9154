import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { Command } from 'commander'
import { runCommandLine } from './cli.ts'
import { programOf } from './program.ts'
import { testTerminal } from './testing/terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const data = (name: string): readonly string[] => ['--data', join(folder, name)]
const signal = new AbortController().signal

const run = async (args: readonly string[], input = '') => {
  const terminal = testTerminal({ input })
  const code = await runCommandLine(args, { terminal, signal, process })
  return { code, out: terminal.printed.join('\n'), err: terminal.complained.join('\n') }
}

const program = programOf({ terminal: testTerminal(), signal, process }, () => undefined)
const leaves = (command: Command, path: readonly string[] = []): [string, Command][] => [
  // One with commands below it does something by itself where it has options.
  ...(command.commands.length === 0 || command.options.length > 0
    ? [[path.join(' '), command] as [string, Command]]
    : []),
  ...command.commands.flatMap((sub) => leaves(sub, [...path, sub.name()])),
]
const commands = leaves(program)

describe('every command', () => {
  it.each(commands)(
    '%s: explains itself with examples that use options it has',
    async (name, command) => {
      const { code, out, err } = await run([...name.split(' '), '--help'])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      const examples = out.split('Examples:\n')[1]!.split('\n')
      expect(examples.length).toBeGreaterThan(0)
      for (const example of examples) {
        expect(example.startsWith(`  $ tidemark ${name}`)).toBe(true)
        const [own] = example.split(' && ')
        for (const option of own!.match(/ --[a-z-]+/g) ?? [])
          expect(command.options.map(({ long }) => ` ${long!}`)).toContain(option)
      }
      for (const { description } of command.options) expect(description).not.toBe('')
    },
  )

  // Processors print nothing, tail prints nothing but JSON, and start is a screen.
  const withoutJson = ['start', 'tail', 'aggregator', 'evaluator', 'reporter', 'sink', 'simulator']
  it.each(commands.filter(([name]) => !withoutJson.includes(name)))(
    '%s: prints JSON when asked',
    (_, command) => {
      expect(command.options.map(({ long }) => long)).toContain('--json')
    },
  )
})

const example = (name: string): string =>
  join(import.meta.dirname, '../../../examples/scenarios', name)

describe('exit codes', () => {
  const scenario = join(folder, 'scenario.yaml')
  writeFileSync(
    scenario,
    'duration: 3m\nservices: { a: { rate: 1/s, latency: 9ms } }\nfaults:\n' +
      '  - { fault: down, service: a, from: 1m, for: 1m }\n',
  )
  const crooked = join(folder, 'crooked.yaml')
  writeFileSync(crooked, 'duration: 3m\nservices: { a: { rate: often } }\nfaults: 3\n')
  const truth = join(folder, 'truth.ndjson')
  writeFileSync(truth, '{"service":"a"}\n')

  const line = (more: object) =>
    JSON.stringify({
      ...{ type: 'request', service: 'a', at: 1_795_230_000_000_000, latencyMs: 1, status: 200 },
      ...more,
    })

  const factLine = JSON.stringify({
    ...{ type: 'deployment', service: 'a', deployment: 'v1', at: 1_795_230_000_000_000 },
  })

  it.each([
    [['--help']],
    [['publish', '--dry-run']],
    [['simulate', '--requests', '30', '--json']],
    [['simulate', '--scenario-file', scenario, '--json']],
    [['score', '--scenario', scenario, '--json', '--seeds', '2', '--min-recall', '100%']],
    [['topics', 'provision', ...data('provisioned')]],
    [['topics', 'describe', ...data('provisioned')]],
    [['ledger', ...data('provisioned'), '--json']],
    [['record', 'facts', '--dry-run']],
  ])('are 0 where it was done: %j', async (args) => {
    const input = args[0] === 'record' ? factLine : line({})
    expect(await run(args, input)).toMatchObject({ code: 0, err: '' })
  })

  it('is 1 where lines were bad, which are named, and the others are published', async () => {
    const input = [line({}), 'no json', '', line({ service: 'a b' }), line({ status: 500 })]
    const { code, out, err } = await run(['publish', ...data('bad-lines')], input.join('\n'))
    expect(code).toBe(1)
    expect(out).toBe('published 2 events, 2 bad lines')
    expect(err.split('\n').map((text) => text.split(':')[0])).toEqual(['line 2', 'line 4'])
    const asJson = await run(['publish', '--dry-run', '--json'], input.join('\n'))
    expect(
      asJson.err.split('\n').map((text) => (JSON.parse(text) as { line: number }).line),
    ).toEqual([2, 4])
    expect(JSON.parse(asJson.out)).toEqual({ published: 0, valid: 2, bad: 2, ticks: 0 })
  })

  it('depends on the rules of a configuration where one is given', async () => {
    const rules = join(folder, 'rules.yaml')
    const without = ['health', 'latency-p95', 'error-rate', 'absence', 'slo-burn']
    const none = without.map((id) => `  - { kind: none, id: ${id} }`).join('\n')
    const own = '  - { kind: threshold, id: slow, severity: page, when: p50 > 1ms }'
    writeFileSync(rules, `rules:\n${none}\n${own}\n`)
    const { out, err } = await run(['score', '--scenario', scenario, '--config', rules, '--json'])
    expect(err).toBe('')
    expect(JSON.parse(out)).toMatchObject({
      total: { faults: 1, detected: 1, pages: 1 },
      rules: [{ rule: 'slow', episodes: { true: 1, false: 0, unresolved: 1 } }],
    })
  })

  it('is 1 where a score falls short, which is said of each threshold', async () => {
    const strict = ['--max-time-to-detect', '9s', '--max-pages-per-day', '0.5']
    const { code, out, err } = await run(['score', '--scenario', scenario, ...strict])
    expect({ code, err }).toEqual({
      code: 1,
      err: 'not reached: --max-time-to-detect 9s\nnot reached: --max-pages-per-day 0.5',
    })
    expect(out).toContain('100.0%')
    const quiet = example('quiet.yaml')
    const absent = ['--min-recall', '100%', '--min-precision', '100%', '--max-pages-per-day', '0']
    expect(await run(['score', '--scenario', quiet, ...absent])).toMatchObject({ code: 0, err: '' })
  })

  const notEmpty = join(folder, 'not-empty')
  writeFileSync(notEmpty, 'x')
  it.each([
    [[], /Usage/],
    [['no-such-command'], /unknown command/],
    [['report', '--no-such-option'], /unknown option/],
    [['report', ...data('none')], /no snapshots/],
    [['report', '--markdown', '--json', ...data('none')], /choose one/],
    [['report', '--html', 'x.html', '--diff', '2026-11-21T03:00:00Z'], /--html goes with neither/],
    [['report', '--since', '2026-11-21T03:00:00Z'], /--since goes with --markdown or --html/],
    [['slo', '--hours', '0', ...data('none')], /--hours: "0" is not an integer of 1 to 1488/],
    [['alerts', 'service', ...data('none')], /matchers: character 8: expected one of =/],
    [['alerts', 'service=~"["', ...data('none')], /matchers: character 10/],
    [['ack', 'x', ...data('none')], /no snapshots/],
    [['snooze', 'abcd', '--for', 'long', ...data('none')], /--for: "long" is no duration/],
    [['silence', 'add', 'a=b', ...data('none')], /one of --for and --until/],
    [['silence', 'add', 'a=b', '--for', '1h', '--maintenance'], /a is no label of services/],
    [['silence', 'preview', 'a="b', ...data('none')], /a closing quote/],
    [['record', 'cost', '--service', 'a', '--dry-run'], /month: missing/],
    [['record', 'cost', '--csv', join(folder, 'none.csv')], /none\.csv/],
    [['record', 'deployment', '--service', 'a'], /--deployment <name>' not specified/],
    [['record', 'incident', '--service', 'a', '--incident', 'i'], /--opened, --closed or both/],
    [['record', 'facts', join(folder, 'none.ndjson')], /none\.ndjson/],
    [['ledger', ...data('none')], /.+/],
    [['alerts', '--follow', ...data('none')], /.+/],
    [['publish', join(folder, 'none.ndjson'), ...data('none')], /none\.ndjson/],
    [['publish', '--flush', ...data('none')], /--flush goes with --stamp event/],
    [['publish', '--max-jump', 'soon', ...data('none')], /--max-jump: "soon" is no duration/],
    [['publish', '--stamp', 'event', ...data('provisioned')], /stamps its records itself/],
    [['ledger', '--brokers', 'localhost'], /"localhost" is not HOST:PORT/],
    [['ledger', '--brokers', 'localhost:1', ...data('none')], /exclude each other/],
    [['ledger', '--prefix', 'a.'], /--prefix goes with --brokers/],
    [['tail', 'nothing', ...data('provisioned')], /"nothing" is no topic/],
    [['tail', 'requests', '--partition', '9', ...data('provisioned')], /--partition: "9"/],
    [['tail', 'requests', '--from', 'soon', ...data('provisioned')], /--from: "soon"/],
    [['simulate', '--seed', '1.5'], /--seed: "1.5" is not an integer/],
    [['simulate', '--out', '-', '--to-log'], /exclude each other/],
    [['simulate', '--scenario-file', scenario, '--minutes', '3'], /exclude each other/],
    [['simulate', '--scenario-file', join(folder, 'none.yaml')], /none\.yaml/],
    [
      ['simulate', '--scenario-file', crooked],
      /crooked\.yaml:2:\d+: services\.a\.latency: missing.*\n.*services\.a\.rate: "often".*\n.*3:\d+: faults: /,
    ],
    [['score'], /either --truth FILE.*or --scenario FILE/],
    [['score', '--scenario', scenario, '--truth', truth], /either --truth FILE/],
    [
      ['score', '--scenario', scenario, ...data('none')],
      /--scenario and --data exclude each other/,
    ],
    [['score', '--scenario', scenario, '--seeds', '0'], /--seeds: "0"/],
    [['score', '--scenario', scenario, '--min-recall', '1'], /--min-recall: 1 may be 1% or 100%/],
    [['score', '--scenario', scenario, '--min-precision', '101%'], /not within 0% and 100%/],
    [['score', '--scenario', scenario, '--slack', 'soon'], /--slack: "soon" is not a duration/],
    [['score', '--scenario', scenario, '--max-pages-per-day', '-1'], /--max-pages-per-day: "-1"/],
    [['score', '--scenario', scenario, '--config', crooked], /crooked\.yaml cannot be used/],
    [['score', '--truth', truth, '--seed', '3'], /--truth and --seed exclude each other/],
    [['score', '--truth', truth, ...data('none')], /truth\.ndjson:1: .*fault: missing/],
    [['topics', 'provision', '--window', '7s', ...data('none')], /window: 7000000 us/],
    [['topics', 'provision', '--partitions', '8', ...data('provisioned')], /.+/],
    [['replay', '--into', folder, ...data('provisioned')], /is not empty/],
  ])('are 2 where the call was wrong, with a message: %j', async (args, message) => {
    const { code, err } = await run(args)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) })
  })
})
