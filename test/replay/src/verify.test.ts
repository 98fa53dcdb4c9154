import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  comparedTopics,
  runApp,
  verifyLog,
  type Verification,
  type VerificationOptions,
} from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import { decode, encode } from '@tidemark/codec'
import { temporaryFolder, tidemark } from '@tidemark/e2e'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import {
  defaultLayout,
  epochMs,
  type DerivedTopic,
  type Layout,
  type TopicName,
} from '@tidemark/model'
import { liveServices } from '@tidemark/simulator'
import type { BatchEntry } from '@tidemark/wire'
import { digestsOf } from './digests.ts'
import { mixedInputs } from './mixed-inputs.ts'
import { provisionMixed } from './provision-mixed.ts'
import { randomOf } from './random.ts'
import { supply } from './supply.ts'
import { damage, rewrite } from './tamper.ts'

const layout: Layout = {
  ...defaultLayout,
  partitions: 3,
  timestamps: 'producer',
  configuration: { ...defaultLayout.configuration, services: liveServices },
}

const folder = temporaryFolder()
const original = join(folder.path, 'original')
let copies = 0

/** A copy of the log that may be changed. */
const copy = (): string => {
  const target = join(folder.path, `copy-${copies++}`)
  cpSync(original, target, { recursive: true })
  return target
}

const everything: VerificationOptions = {
  ...{ fromUs: null, toUs: null, partitions: null },
  signal: new AbortController().signal,
}

const verified = async (data: string, options = everything): Promise<Verification> => {
  const log = await openEmbeddedLog({ folder: data })
  try {
    return await verifyLog(log, layout, options)
  } finally {
    await log.close()
  }
}

const differingIn = ({ topics }: Verification): readonly string[] =>
  topics.filter(({ differences }) => differences > 0).map(({ topic }) => topic)

const firstIn = ({ topics }: Verification, topic: DerivedTopic) =>
  topics.find((found) => found.topic === topic)!.first

beforeAll(async () => {
  const log = await openEmbeddedLog({ folder: original })
  await provisionMixed(log, layout)
  await supply(log, mixedInputs(7, layout, { minutes: 4, rate: 0.2 }), randomOf(7))
  for (const app of apps)
    await runApp(
      app,
      { log, layout, store: join(original, 'store.sqlite') },
      { untilCaughtUp: true },
      everything.signal,
    )
  await log.close()
}, 600_000)
afterAll(folder.remove)

describe('verifying a log', () => {
  it('finds what was emitted equal, with the digests that a replay has', async () => {
    const { outcome, topics, unchecked, inputs } = await verified(original)
    expect(outcome).toBe('equal')
    expect(unchecked).toEqual([])
    expect(inputs).toBeGreaterThan(1000)
    const log = await openEmbeddedLog({ folder: original })
    const digests = Object.fromEntries(topics.map(({ topic, emitted }) => [topic, emitted]))
    expect(digests).toEqual(await digestsOf(log))
    await log.close()
    for (const { emitted, reexecuted } of topics) {
      expect(emitted.records).toBeGreaterThan(0)
      expect(reexecuted).toEqual(emitted)
    }
  })

  it('leaves no byte behind in its folder', async () => {
    const data = copy()
    const content = (): ReadonlyMap<string, string> =>
      new Map(
        readdirSync(data)
          .sort()
          .map((name) => [
            name,
            createHash('sha256')
              .update(readFileSync(join(data, name)))
              .digest('hex'),
          ]),
      )
    const before = content()
    expect((await verified(data)).outcome).toBe('equal')
    expect(content()).toEqual(before)
  })

  it('counts exact repeats and leaves them out', async () => {
    const data = copy()
    rewrite(data, 'aggregates', 1, (records) => [
      ...records.slice(0, 50),
      ...records.slice(20, 50),
      ...records.slice(50),
    ])
    const { outcome, topics } = await verified(data)
    expect(outcome).toBe('equal')
    expect(topics.map(({ topic, repeats }) => [topic, repeats])).toEqual(
      comparedTopics.map((topic) => [topic, topic === 'aggregates' ? 30 : 0]),
    )
  })

  it('compares what stands there of inputs that were not processed, and says which', async () => {
    const data = copy()
    const log = await openEmbeddedLog({ folder: data })
    const publisher = await log.publisher()
    const [bounds] = await log.bounds('requests')
    const timestampMs = epochMs(bounds!.lastTimestampMs! + 60_000)
    await publisher.append('requests', 0, [
      { key: null, value: encode({ type: 'Tick' }), timestampMs },
    ])
    await publisher.close()
    await log.close()
    const { outcome, unchecked, topics } = await verified(data)
    expect(outcome).toBe('equal')
    expect(unchecked).toEqual([
      {
        ...{ kind: 'tail', topic: 'requests', partition: 0 },
        position: bounds!.endOffset,
        endOffset: bounds!.endOffset + 1,
      },
    ])
    expect(topics[0]).toMatchObject({ topic: 'aggregates', differences: 0, pending: 2 })
  })

  it('verifies chosen partitions, without the reports that need all of them', async () => {
    const { outcome, topics, unchecked } = await verified(original, {
      ...everything,
      partitions: [0, 2],
    })
    expect(outcome).toBe('equal')
    expect(unchecked).toEqual([{ kind: 'reports', fromUs: null }])
    const whole = await verified(original)
    const records = (of: Verification['topics']) =>
      Object.fromEntries(of.map(({ topic, emitted }) => [topic, emitted.records]))
    expect(records(topics)['platform-reports']).toBe(0)
    expect(records(topics).fleet).toBeGreaterThan(0)
    expect(records(topics).fleet).toBeLessThan(records(whole.topics).fleet!)
    const data = copy()
    rewrite(data, 'alerts', 1, (all) => all.slice(0, -1))
    expect((await verified(data)).outcome).toBe('different')
    expect((await verified(data, { ...everything, partitions: [0, 2] })).outcome).toBe('equal')
  })

  it('ends when it is told to, and says that it did', async () => {
    const { outcome } = await verified(original, { ...everything, signal: AbortSignal.abort() })
    expect(outcome).toBe('stopped')
  })
})

describe('verifying a log that was tampered with', () => {
  type Change = (records: readonly BatchEntry[]) => readonly BatchEntry[]
  const middle = (records: readonly BatchEntry[]): number => records.length >> 1
  /** The next two of one source. */
  const pairAt = (records: readonly BatchEntry[]): readonly [number, number] => {
    const source = (at: number): unknown => {
      const decoded = decode(records[at]!.value)
      if (!decoded.ok || !('cause' in decoded.event)) throw new Error('a derived record')
      const { cause } = decoded.event
      return 'topic' in cause ? cause.topic : cause.partition
    }
    for (let a = middle(records); a + 1 < records.length; a++)
      for (let b = a + 1; b < Math.min(records.length, a + 20); b++)
        if (source(a) === source(b)) return [a, b]
    throw new Error('two records of one source')
  }
  const flipped = ({ value, ...entry }: BatchEntry): BatchEntry => {
    const bytes = new Uint8Array(value!)
    bytes[bytes.length - 1]! ^= 1
    return { ...entry, value: bytes }
  }
  const changes: Readonly<Record<string, readonly [kinds: readonly string[], change: Change]>> = {
    'a flipped bit': [
      ['changed', 'unreadable', 'missing'],
      (records) => records.map((entry, i) => (i === middle(records) ? flipped(entry) : entry)),
    ],
    'a missing record': [['missing'], (records) => records.toSpliced(middle(records), 1)],
    'a missing last record': [['missing'], (records) => records.slice(0, -1)],
    'an added record that nothing causes': [
      ['repeat', 'surplus', 'unreadable', 'missing', 'changed'],
      (records) => records.toSpliced(middle(records) + 1, 0, flipped(records[middle(records)]!)),
    ],
    'two records in each other’s place': [
      ['order'],
      (records) => {
        const [a, b] = pairAt(records)
        return records.with(a, records[b]!).with(b, records[a]!)
      },
    ],
  }
  const topics = comparedTopics.filter((topic) => topic !== 'assessments')
  const cases = topics.flatMap((topic) =>
    Object.entries(changes).map(([name, [kinds, change]]) => ({ topic, name, kinds, change })),
  )

  it.each(cases)('finds $name in $topic, there and nowhere else', async (tampering) => {
    const { topic, kinds, change } = tampering
    const data = copy()
    rewrite(data, topic, 0, change)
    const found = await verified(data)
    expect(found.outcome).toBe('different')
    expect(differingIn(found)).toEqual([topic])
    const first = firstIn(found, topic)!
    expect(kinds).toContain(first.kind)
    expect(first.partition).toBe(0)
  })

  it('finds a changed, an added and a missing last judgement in a compacted topic', async () => {
    const at = (records: readonly BatchEntry[]): number => records.length >> 1
    for (const change of [
      (records) => records.map((entry, i) => (i === at(records) ? flipped(entry) : entry)),
      (records) => records.slice(0, -1),
      (records) => [...records, ...records.slice(-1).map(flipped)],
    ] satisfies Change[]) {
      const data = copy()
      rewrite(data, 'assessments', 0, change)
      expect(differingIn(await verified(data))).toEqual(['assessments'])
    }
  })

  it('takes earlier judgements as compacted where a later one of the service is there', async () => {
    const data = copy()
    rewrite(data, 'assessments', 0, (records) => {
      const lasts = new Map(records.map(({ key }, i) => [Buffer.from(key!).toString(), i]))
      return records.filter((_, i) => i % 3 !== 0 || [...lasts.values()].includes(i))
    })
    const { outcome, unchecked, topics: found } = await verified(data)
    expect(outcome).toBe('equal')
    const compacted = found.find(({ topic }) => topic === 'assessments')!.compacted
    expect(compacted).toBeGreaterThan(10)
    expect(unchecked).toEqual([{ kind: 'compacted', topic: 'assessments', records: compacted }])
  })

  it('finds an input that was changed after the fact, in all that rests on it', async () => {
    const data = copy()
    rewrite(data, 'requests', 0, (records) =>
      records.map((entry, i) => {
        const decoded = decode(entry.value)
        if (i < records.length / 2 || i > records.length / 2 + 40) return entry
        return decoded.ok && decoded.event.type === 'RequestObserved'
          ? { ...entry, value: encode({ ...decoded.event, success: !decoded.event.success }) }
          : entry
      }),
    )
    const found = await verified(data)
    expect(differingIn(found)).toContain('aggregates')
    expect(differingIn(found)).toContain('fleet')
    expect(firstIn(found, 'aggregates')).toMatchObject({ kind: 'changed', partition: 0 })
  })

  it.each(['aggregates', 'fleet'] satisfies TopicName[])(
    'names damage in %s, and goes on with the other topics',
    async (topic) => {
      const data = copy()
      damage(data, topic, 0)
      const found = await verified(data)
      expect(differingIn(found)).toEqual([topic])
      expect(firstIn(found, topic)).toMatchObject({
        kind: 'unreadable',
        detail: expect.stringMatching(/batch at offset \d+: its checksum does not match/),
      })
    },
  )

  it('tells by a command: exit code 1 and both records, 0 for the original, 2 for a wrong call', async () => {
    const data = copy()
    rewrite(data, 'alerts', 0, (records) => {
      const decoded = decode(records[0]!.value)
      if (!decoded.ok || decoded.event.type !== 'AlertRaised') throw new Error('an alert')
      return records.with(0, {
        ...records[0]!,
        value: encode({ ...decoded.event, summary: 'all is well' }),
      })
    })
    const run = (...args: string[]) => tidemark(folder.path, ['verify', ...args])
    const told = await run('--data', data)
    expect(told).toMatchObject({ code: 1, stderr: '' })
    expect(told.stdout).toMatch(/^alerts\/0: changed: other bytes$/m)
    expect(told.stdout).toMatch(
      /^ {2}emitted {5}\{"topic":"alerts","partition":0,"offset":0,.*all is well/m,
    )
    expect(told.stdout).toMatch(/^ {2}re-executed \{"topic":"alerts","partition":0,"key":/m)
    const json = JSON.parse((await run('--data', data, '--json')).stdout) as {
      readonly outcome: string
      readonly topics: readonly { readonly topic: string; readonly first: unknown }[]
    }
    expect(json.outcome).toBe('different')
    expect(json.topics.find(({ topic }) => topic === 'alerts')!.first).toMatchObject({
      ...{ kind: 'changed', partition: 0 },
      emitted: { offset: 0, event: { summary: 'all is well' } },
      reexecuted: { event: { type: 'AlertRaised' } },
    })
    expect(await run('--data', original)).toMatchObject({ code: 0, stderr: '' })
    for (const wrong of [
      ['--partition', '3'],
      ['--from', 'yesterday'],
      ['--from', '2026-01-01T00:01:00Z', '--to', '2026-01-01T00:01:00Z'],
      ['--data', 'nowhere'],
    ])
      expect((await run('--data', original, ...wrong)).code).toBe(2)
  }, 300_000)
})
