import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { describeWithBroker } from '@tidemark/broker/jest'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { generate } from './expected.ts'
import { temporaryFolder, tidemark, type Outcome } from './tidemark.ts'

// The same events on the embedded log and on Kafka, with the same code: equal aggregates, alerts and reports.

describeWithBroker('the same 200,000 events on a folder and on Kafka', (brokers) => {
  const folder = temporaryFolder()
  const run = (...args: string[]): Promise<Outcome> => tidemark(folder.path, args)
  let onKafka: string[]
  let file: string

  beforeAll(async () => {
    file = generate(folder.path, { events: 200_000, seed: 2 }).file
    onKafka = ['--brokers', brokers().join(','), '--prefix', `e2e-${randomUUID().slice(0, 8)}.`]
    await run('publish', file, '--stamp', 'event', '--flush', '--data', 'embedded')
    expect(await run('start', '--exit-when-caught-up', '--data', 'embedded')).toMatchObject({
      code: 0,
    })
  }, 300_000)
  afterAll(folder.remove)

  it('refuses topics that are not provisioned, and says how to', async () => {
    const { code, stderr } = await run('start', '--exit-when-caught-up', ...onKafka)
    expect(code).toBe(2)
    expect(stderr).toMatch(/topics provision/)
  }, 120_000)

  it('takes the events', async () => {
    const provisioned = await run('topics', 'provision', '--timestamps', 'producer', ...onKafka)
    expect(provisioned).toMatchObject({ code: 0 })
    const embedded = await run('publish', file, '--dry-run', '--json')
    const published = await run(
      'publish',
      file,
      '--stamp',
      'event',
      '--flush',
      '--json',
      ...onKafka,
    )
    expect(JSON.parse(published.stdout)).toMatchObject({
      published: (JSON.parse(embedded.stdout) as { valid: number }).valid - jumps(published),
      ticks: 12,
    })
  }, 120_000)

  it('processes them to the end', async () => {
    const store = ['--store', join(folder.path, 'kafka.sqlite')]
    const started = await run('start', '--exit-when-caught-up', ...onKafka, ...store)
    expect(started).toMatchObject({ code: 0, stderr: '' })
    const embedded = ['--data', 'embedded']
    for (const command of [['windows'], ['alerts'], ['services'], ['report']]) {
      const kafka = await run(...command, '--json', ...onKafka, ...store)
      const { stdout } = await run(...command, '--json', ...embedded)
      expect(stdout.length).toBeGreaterThan(1000)
      expect(kafka.stdout === stdout ? 'equal' : command.join(' ')).toBe('equal')
    }
    const ledger = await run('ledger', '--json', ...onKafka)
    expect(ledger.stdout).toBe((await run('ledger', '--json', ...embedded)).stdout)
  }, 300_000)

  it('gives byte-identical topics when its inputs are replayed into an empty folder', async () => {
    const replayed = await run('replay', ...onKafka, '--into', 'replayed', '--json')
    expect(JSON.parse(replayed.stdout)).toMatchObject({ equal: true })
    expect(replayed.code).toBe(0)
  }, 300_000)
})

/** Lines that only the log can refuse, since they jump ahead of what it holds. */
const jumps = ({ stderr }: Outcome): number => stderr.split('--max-jump').length - 1
