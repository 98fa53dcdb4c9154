import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import { layoutRecord } from '@tidemark/codec'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import type { Log } from '@tidemark/log'
import { defaultLayout } from '@tidemark/model'
import { examplesIn, repository, type Examples } from './client-readme.ts'
import { alert, writeAlerts } from './client-world.ts'
import { newPrefix, openWorld } from './kafka-world.ts'
import { itWithPython, pythonWithPackages } from './python.ts'

const layout = { ...defaultLayout, partitions: 2 }
const node = process.execPath

/** What the examples print of the alerts that are there: their order in a partition is fixed, that of partitions is not. */
const alerts = [0, 1].flatMap((partition) => [0, 1, 2].map((n) => alert(partition, n)))
const lines = alerts
  .map(({ alertId, service, severity }) => `AlertRaised ${alertId} ${service} ${severity}`)
  .sort()
const sorted = (output: string): readonly string[] => output.trimEnd().split('\n').sort()

const prepare = async (log: Log, prefix: string): Promise<void> => {
  await log.provision({ ...layout, prefix }, layoutRecord({ ...layout, prefix }))
  await writeAlerts(log, alerts)
  // Again, as after a crash of an evaluator that delivers at least once.
  await writeAlerts(log, alerts)
}

const itRuns = (examples: () => Promise<Examples>): void => {
  it('publishes an event and says where it stands', async () => {
    const { run } = await examples()
    expect(await run(node, 'publish.ts').ended).toBe('requests: 0\n')
  })

  it('reads alerts once, and the second time only what is new', async () => {
    const { run } = await examples()
    expect(sorted(await run(node, 'alerts.ts').ended)).toEqual(lines)
    expect(await run(node, 'alerts.ts').ended).toBe('')
  })

  it('reads alerts in a group until it is told to end', async () => {
    const { run } = await examples()
    const first = run(node, 'pager.ts')
    await first.printed(lines.length)
    first.terminate()
    expect(sorted(await first.ended)).toEqual(lines)
  })
}

describe('the README of the client, on a folder', () => {
  const made: Examples[] = []
  afterEach(() => {
    for (const { remove } of made.splice(0)) remove()
  })
  itRuns(async () => {
    const examples = examplesIn('log-embedded.ts', {})
    made.push(examples)
    const log = await openEmbeddedLog({ folder: join(examples.folder, '.tidemark') })
    await prepare(log, '')
    await log.close()
    return examples
  })
})

describeWithBroker('the README of the client, on Kafka', (brokers) => {
  const world = openWorld(brokers)
  const made: Examples[] = []
  afterEach(async () => {
    await world.close()
    for (const { remove } of made.splice(0)) remove()
  }, 20_000)
  const examples = async (): Promise<Examples> => {
    const prefix = newPrefix()
    const [broker] = brokers()
    const placed = examplesIn('log-kafka.ts', { 'localhost:9092': broker!, 'prod.': prefix })
    made.push(placed)
    await prepare(await world.open(prefix), prefix)
    return placed
  }
  itRuns(examples)

  itWithPython('reads alerts from Python with stock packages', async () => {
    const { folder, run } = await examples()
    cpSync(join(repository, 'schemas'), join(folder, 'schemas'), { recursive: true })
    const output = await run(pythonWithPackages(), 'alerts.py').ended
    expect(sorted(output)).toEqual(lines)
  })
})
