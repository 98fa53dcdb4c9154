import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { configurationHistory, openLog, topicRecords } from '@tidemark/assembly'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Log } from '@tidemark/log'
import type { AlertRaised, ServiceAssessed, TidemarkEvent, TopicName } from '@tidemark/model'
import { startTidemark, temporaryFolder, tidemark } from './tidemark.ts'

// A configuration that is applied while everything is at work, with live traffic: from its window on, in every partition, and no earlier.

const deadlineMs = 120_000
const folder = temporaryFolder()
const data = ['--data', 'data']
const config = join(folder.path, 'tidemark.yaml')

const eventsIn = async <T extends TidemarkEvent['type']>(
  log: Log,
  topic: TopicName,
  type: T,
): Promise<readonly Extract<TidemarkEvent, { type: T }>[]> => {
  const found: TidemarkEvent[] = []
  for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
    const stretch = { topic, partition, fromOffset: startOffset, toOffset: endOffset }
    for await (const { decoded } of topicRecords(log, stretch))
      if (decoded.ok && decoded.event.type === type) found.push(decoded.event)
  }
  return found as Extract<TidemarkEvent, { type: T }>[]
}

const until = async <T>(look: () => Promise<T | null>): Promise<T> => {
  const endMs = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (performance.now() > endMs) throw new Error('not within two minutes')
    await setTimeout(200)
  }
}

/** With a team for one of the live services, and a rule that any traffic meets. */
const yaml = `
services:
  api-gateway: { team: night-shift, owner: ada, runbook: https://runbooks/api }
rules:
  - { id: any-traffic, kind: threshold, severity: warning, when: p50 > 1ms }
`

describe('a configuration that is applied while everything is at work', () => {
  let child: ReturnType<typeof startTidemark> | null = null
  let log: Log

  beforeAll(async () => {
    const provision = ['topics', 'provision', '--window', '1s', '--grace', '1s', '--partitions']
    expect(await tidemark(folder.path, [...provision, '3', ...data])).toMatchObject({ code: 0 })
    writeFileSync(config, yaml)
    child = startTidemark(folder.path, ['start', '--seed', '3', ...data])
    child.stdout.resume()
    child.stderr.resume()
    log = await openLog({ kind: 'embedded', folder: join(folder.path, 'data') })
  }, deadlineMs)

  afterAll(async () => {
    await log.close()
    if (child?.exitCode === null) child.kill('SIGKILL')
    folder.remove()
  })

  it(
    'acts from the window that it says, in every partition, and changes nothing before',
    async () => {
      const judged = (): Promise<readonly ServiceAssessed[]> =>
        eventsIn(log, 'assessments', 'ServiceAssessed')
      await until(async () => ((await judged()).length > 20 ? true : null))
      const apply = ['config', 'apply', config, '--by', 'ada', '--note', 'first', '--json', ...data]
      const { code, stdout, stderr } = await tidemark(folder.path, apply)
      expect({ code, stderr }).toMatchObject({ code: 0 })
      const { effectiveFrom } = JSON.parse(stdout) as { readonly effectiveFrom: string }
      const fromUs = Date.parse(effectiveFrom) * 1000
      const raised = (): Promise<readonly AlertRaised[]> => eventsIn(log, 'alerts', 'AlertRaised')
      const ofRule = await until(async () => {
        const found = (await raised()).filter(({ rule }) => rule === 'any-traffic')
        return found.length > 0 ? found : null
      })
      expect(Math.min(...ofRule.map(({ windowStartUs }) => windowStartUs))).toBeGreaterThanOrEqual(
        fromUs,
      )
      await until(async () => {
        const ends = (await judged()).map(({ windowEndUs }) => windowEndUs)
        return Math.max(...ends) > fromUs + 5_000_000 ? true : null
      })
      const rows = await judged()
      const isAfter = ({ windowStartUs }: ServiceAssessed): boolean => windowStartUs >= fromUs
      const teams = (of: readonly ServiceAssessed[]) =>
        new Set(of.filter(({ service }) => service === 'api-gateway').map(({ team }) => team))
      expect(teams(rows.filter(isAfter))).toEqual(new Set(['night-shift']))
      expect(teams(rows.filter((row) => !isAfter(row)))).not.toContain('night-shift')
      const history = await configurationHistory(log)
      expect(history.map(({ partition, fromUs: from, by }) => [partition, from, by])).toEqual(
        [0, 1, 2].map((partition) => [partition, fromUs, 'ada']),
      )
    },
    deadlineMs,
  )

  it(
    'shows in the topics that it passes through, and verifies',
    async () => {
      const closed = once(child!, 'close')
      child!.kill('SIGTERM')
      await closed
      const tailed = async (
        topic: string,
      ): Promise<readonly { readonly event: TidemarkEvent }[]> => {
        const { stdout } = await tidemark(folder.path, [
          'tail',
          topic,
          '--from',
          'earliest',
          ...data,
        ])
        return stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as { readonly event: TidemarkEvent })
      }
      const isActivation = ({ event }: { readonly event: TidemarkEvent }): boolean =>
        event.type === 'ConfigurationActivated'
      const [, stored] = await tailed('catalog')
      expect(stored).toMatchObject({ event: { type: 'ConfigurationStored', part: 0, parts: 1 } })
      const facts = (await tailed('facts')).filter(isActivation)
      expect(facts).toHaveLength(3)
      const applied = (await tailed('aggregates')).filter(
        ({ event }) => event.type === 'FactApplied',
      )
      expect(applied.map(({ event }) => event)).toMatchObject(
        facts.map(({ event }) => ({ fact: event })),
      )
      const verified = await tidemark(folder.path, ['verify', '--json', ...data])
      expect({ code: verified.code, outcome: JSON.parse(verified.stdout).outcome }).toEqual({
        ...{ code: 0, outcome: 'equal' },
      })
      const replay = ['replay', '--into', 'again', '--json', ...data]
      await tidemark(folder.path, ['start', '--exit-when-caught-up', ...data])
      expect(JSON.parse((await tidemark(folder.path, replay)).stdout)).toMatchObject({
        equal: true,
      })
    },
    deadlineMs,
  )
})
