import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openLog, type Address, type TopicFindings, type Unchecked } from '@tidemark/assembly'
import { describeWithBroker } from '@tidemark/broker/jest'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { topicNames } from '@tidemark/model'
import kafkajs from 'kafkajs'
import { startTidemark, temporaryFolder, tidemark } from './tidemark.ts'

// Verifying a system that is at work: with live traffic, between kills, and when it has ended.

type Verified = {
  readonly outcome: string
  readonly topics: readonly TopicFindings[]
  readonly unchecked: readonly Unchecked[]
}

const deadlineMs = 120_000

const suite = (place: () => { readonly args: readonly string[]; readonly address: Address }) => {
  const folder = temporaryFolder()
  const running = new Set<ReturnType<typeof startTidemark>>()
  const store = (): readonly string[] => ['--store', join(folder.path, 'store.sqlite')]
  const begin = () => {
    const child = startTidemark(folder.path, ['start', '--seed', '3', ...place().args, ...store()])
    running.add(child)
    child.stdout.resume()
    child.stderr.resume()
    return child
  }
  const kill = async (child: ReturnType<typeof begin>): Promise<void> => {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
    running.delete(child)
  }
  const verify = async (): Promise<Verified & { readonly code: number | null }> => {
    const { code, stdout, stderr } = await tidemark(folder.path, [
      ...['verify', '--json', ...place().args],
    ])
    if (stdout === '') throw new Error(`verify: ${code}: ${stderr}`)
    return { code, ...(JSON.parse(stdout) as Verified) }
  }
  const differences = ({ topics }: Verified) =>
    topics.filter(({ differences: count }) => count > 0).map(({ first }) => first)
  const comparedIn = ({ topics }: Verified, topic: string): number =>
    topics.find((found) => found.topic === topic)!.emitted.records

  /** Verifies again and again until so many slices were compared. */
  const verifyUntil = async (slices: number): Promise<number> => {
    const endMs = performance.now() + deadlineMs
    for (;;) {
      const found = await verify()
      expect(differences(found)).toEqual([])
      expect({ code: found.code, outcome: found.outcome }).toEqual({ code: 0, outcome: 'equal' })
      const compared = comparedIn(found, 'fleet')
      if (compared >= slices) return compared
      if (performance.now() > endMs) throw new Error(`${compared} of ${slices} slices`)
      await setTimeout(200)
    }
  }

  beforeAll(async () => {
    const provision = ['topics', 'provision', '--window', '1s', '--grace', '1s', '--partitions']
    expect(await tidemark(folder.path, [...provision, '2', ...place().args])).toMatchObject({
      code: 0,
    })
  }, deadlineMs)
  afterAll(async () => {
    for (const child of running) await kill(child)
    folder.remove()
  })

  it(
    'finds it equal while traffic goes on, and across kills',
    async () => {
      let slices = 0
      for (let life = 0; life < 3; life++) {
        const child = begin()
        slices = await verifyUntil(slices + 8)
        await kill(child)
        const found = await verify()
        expect(differences(found)).toEqual([])
        expect(found.outcome).toBe('equal')
      }
    },
    3 * deadlineMs,
  )

  it(
    'finds all of it equal when it has ended, and leaves it as it is',
    async () => {
      const finish = ['start', '--exit-when-caught-up', ...place().args, ...store()]
      expect(await tidemark(folder.path, finish)).toMatchObject({ code: 0 })
      const contents = async (): Promise<unknown> => {
        const log = await openLog(place().address)
        try {
          const bounds = []
          for (const topic of topicNames) bounds.push(await log.bounds(topic))
          return bounds
        } finally {
          await log.close()
        }
      }
      const before = [await contents(), await groupsOf(place().address)]
      const { topics, unchecked, outcome } = await verify()
      expect(outcome).toBe('equal')
      expect(unchecked.filter(({ kind }) => kind !== 'compacted')).toEqual([])
      for (const { emitted, reexecuted, pending, topic } of topics) {
        expect({ topic, pending, reexecuted }).toEqual({ topic, pending: 0, reexecuted: emitted })
        if (topic === 'aggregates' || topic === 'fleet' || topic === 'assessments')
          expect(emitted.records).toBeGreaterThan(20)
      }
      expect([await contents(), await groupsOf(place().address)]).toEqual(before)
    },
    deadlineMs,
  )
}

/** Names of the groups that brokers know. */
const groupsOf = async (address: Address): Promise<readonly string[]> => {
  if (address.kind === 'embedded') return []
  const admin = new kafkajs.Kafka({
    brokers: [...address.brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin()
  await admin.connect()
  const { groups } = await admin.listGroups()
  await admin.disconnect()
  return groups
    .map(({ groupId }) => groupId)
    .filter((name) => name.startsWith(address.prefix))
    .sort()
}

describe('verifying a live folder', () => {
  const folder = temporaryFolder()
  const data = join(folder.path, 'live')
  afterAll(folder.remove)
  suite(() => ({ args: ['--data', data], address: { kind: 'embedded', folder: data } }))
})

describeWithBroker('verifying live topics on Kafka', (brokers) => {
  const prefix = `verify-${randomUUID().slice(0, 8)}.`
  suite(() => ({
    args: ['--brokers', brokers().join(','), '--prefix', prefix],
    address: { kind: 'kafka', brokers: brokers(), prefix },
  }))
})
