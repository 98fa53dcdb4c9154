import { randomUUID } from 'node:crypto'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import {
  provision,
  runApp,
  storeConfiguration,
  verifyLog,
  type Unchecked,
  type Verification,
  type VerificationOptions,
} from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import { decode, encode } from '@tidemark/codec'
import { temporaryFolder } from '@tidemark/e2e'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Log } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import {
  defaultLayout,
  epochMs,
  inputTopics,
  type Configuration,
  type DerivedTopic,
  type Fact,
  type Layout,
  type TopicName,
} from '@tidemark/model'
import { liveServices, virtualEntries } from '@tidemark/simulator'
import { faultByName, live, services, trafficOf } from '@tidemark/traffic'
import { derivedEvents, ofType } from './derived-events.ts'
import { randomOf } from './random.ts'
import { supply } from './supply.ts'
import { expire, rewrite } from './tamper.ts'

// Half an hour around a midnight, at which the evaluators leave a snapshot.

const minuteUs = 60_000_000
const midnightUs = Date.UTC(2026, 0, 2) * 1000
const startUs = midnightUs - 12 * minuteUs
const durationUs = 24 * minuteUs

const layoutStampedBy = (timestamps: Layout['timestamps']): Layout => ({
  ...defaultLayout,
  partitions: 2,
  timestamps,
  configuration: { ...defaultLayout.configuration, services: liveServices },
})

/** Before midnight and behind it: every row shows by its teams what it was judged under. */
const changesOf = ({
  configuration,
}: Layout): readonly { readonly configuration: Configuration; readonly atUs: number }[] =>
  (
    [
      ['evening', startUs + 5 * minuteUs],
      ['morning', midnightUs + 5 * minuteUs],
    ] as const
  ).map(([team, atUs]) => ({
    atUs,
    configuration: {
      ...configuration,
      services: configuration.services.map((service) => ({ ...service, team })),
    },
  }))

const folder = temporaryFolder()
let copies = 0

/** An hour later: nothing is old enough to be removed. */
const openLog = (data: string) =>
  openEmbeddedLog({ folder: data, clock: () => epochMs(midnightUs / 1000 + 3_600_000) })

const make = async (data: string, layout: Layout): Promise<void> => {
  const traffic = trafficOf(live({ startUs, durationUs, rate: 0.03, rhythm: null }), {
    seed: 5,
    faults: services
      .slice(0, 4)
      .map(({ service }, i) =>
        faultByName(
          'error-burst',
          service,
          midnightUs + (i - 2) * 3 * minuteUs,
          midnightUs + (i - 1) * 3 * minuteUs,
        ),
      ),
  })
  const log = await openLog(data)
  await provision(log, layout)
  const facts: Fact[] = []
  for (const { configuration, atUs } of changesOf(layout)) {
    const configurationId = await storeConfiguration({ log, layout }, configuration)
    facts.push({
      ...{ type: 'ConfigurationActivated', id: randomUUID(), atUs, by: null, note: null },
      ...{ configurationId, effectiveFromUs: atUs },
    })
  }
  await supply(log, [...virtualEntries(traffic, layout, facts)], randomOf(5))
  for (const app of apps)
    await runApp(
      app,
      { log, layout, store: join(data, 'store.sqlite') },
      { untilCaughtUp: true },
      everything.signal,
    )
  await log.close()
}

const everything: VerificationOptions = {
  ...{ fromUs: null, toUs: null, partitions: null },
  signal: new AbortController().signal,
}

describe.each(['broker', 'producer'] as const)('verifying a range, stamped by the %s', (by) => {
  const layout = layoutStampedBy(by)
  const original = join(folder.path, by)
  const copy = (): string => {
    const target = join(folder.path, `copy-${copies++}`)
    cpSync(original, target, { recursive: true })
    return target
  }
  const verified = async (
    range: Partial<VerificationOptions>,
    data = original,
  ): Promise<Verification> => {
    const log = await openLog(data)
    try {
      return await verifyLog(log, layout, { ...everything, ...range })
    } finally {
      await log.close()
    }
  }
  const comparedIn = ({ topics }: Verification, topic: DerivedTopic): number =>
    topics.find((found) => found.topic === topic)!.emitted.records
  const kinds = (unchecked: readonly Unchecked[]): readonly string[] => [
    ...new Set(unchecked.map(({ kind }) => kind)),
  ]

  beforeAll(() => make(original, layout), 600_000)

  it('begins at the snapshot of midnight, and compares exactly the windows asked for', async () => {
    const whole = await verified({})
    expect(whole).toMatchObject({ outcome: 'equal', unchecked: [] })
    const range = { fromUs: midnightUs + 3 * minuteUs, toUs: midnightUs + 7 * minuteUs }
    const found = await verified(range)
    expect(found.outcome).toBe('equal')
    expect(kinds(found.unchecked)).toEqual(['ledger'])
    expect(found.inputs).toBeLessThan(whole.inputs / 2)
    const windows = (4 * minuteUs) / layout.windowUs
    expect(comparedIn(found, 'fleet')).toBe(windows * layout.partitions)
    expect(comparedIn(found, 'assessments')).toBe(windows * services.length)
    expect(comparedIn(found, 'alerts')).toBeGreaterThan(0)
    expect(comparedIn(found, 'aggregates')).toBeGreaterThan(windows * 3)
    expect(comparedIn(found, 'platform-reports')).toBeGreaterThanOrEqual(4)
  })

  it('judges by the configurations that were in force, that of the snapshot included', async () => {
    const log = await openLog(original)
    const slices = ofType(await derivedEvents(log, 'fleet'), 'FleetSlice')
    await log.close()
    const teamAt = (windowEndUs: number): readonly (string | null)[] => [
      ...new Set(
        slices
          .filter((slice) => slice.windowEndUs === windowEndUs)
          .flatMap(({ rows }) => rows.map(({ team }) => team)),
      ),
    ]
    expect(teamAt(startUs + 5 * minuteUs)).not.toContain('evening')
    expect(teamAt(startUs + 6 * minuteUs)).toEqual(['evening'])
    expect(teamAt(midnightUs + 5 * minuteUs)).toEqual(['evening'])
    expect(teamAt(midnightUs + 5 * minuteUs + layout.windowUs)).toEqual(['morning'])
    const data = copy()
    rewrite(data, 'catalog', 0, (records) => records.slice(0, 1))
    // Without that of midnight its snapshot is of no use, and from the beginning it is missing as well.
    await expect(verified({ fromUs: midnightUs + 3 * minuteUs }, data)).rejects.toThrow(
      /the catalog does not hold it; it is in force in partition \d from 2026-01-01T23:53:00Z on/,
    )
    const early = await verified({ toUs: startUs + 5 * minuteUs }, data)
    expect(early.outcome).toBe('equal')
  })

  it('begins at the beginning where there is no snapshot before the range', async () => {
    const range = { fromUs: startUs + 3 * minuteUs, toUs: startUs + 5 * minuteUs }
    const { outcome, unchecked, ...found } = await verified(range)
    expect({ outcome, unchecked }).toEqual({ outcome: 'equal', unchecked: [] })
    const windows = (2 * minuteUs) / layout.windowUs
    expect(comparedIn({ outcome, unchecked, ...found }, 'fleet')).toBe(windows * layout.partitions)
  })

  it('finds what was tampered with in the range, and does not look at the rest', async () => {
    const data = copy()
    let changes = 0
    for (let partition = 0; partition < layout.partitions; partition++)
      rewrite(data, 'alerts', partition, (records) =>
        records.map((entry) => {
          const decoded = decode(entry.value)
          if (!decoded.ok || decoded.event.type !== 'AlertResolved') return entry
          if (decoded.event.windowEndUs <= midnightUs + 3 * minuteUs) return entry
          changes++
          return { ...entry, value: encode({ ...decoded.event, reason: 'rule_removed' }) }
        }),
      )
    expect(changes).toBeGreaterThan(0)
    const found = await verified({ fromUs: midnightUs + 2 * minuteUs }, data)
    expect(found.topics.filter(({ differences }) => differences > 0)).toMatchObject([
      { topic: 'alerts', differences: changes, first: { kind: 'changed' } },
    ])
    const earlier = { fromUs: midnightUs + minuteUs, toUs: midnightUs + 3 * minuteUs }
    expect((await verified(earlier, data)).outcome).toBe('equal')
  })

  it('compares what is added to the ledgers, wherever it begins', async () => {
    const data = copy()
    let isChanged = false
    rewrite(data, 'aggregates', 0, (records) =>
      records.map((entry) => {
        const decoded = decode(entry.value)
        if (isChanged || !decoded.ok || decoded.event.type !== 'PartitionAdvanced') return entry
        const { event } = decoded
        if (event.topic !== 'requests' || event.clockMs * 1000 < midnightUs + 4 * minuteUs)
          return entry
        isChanged = true
        const { late, aggregated } = event.ledger
        const ledger = { ...event.ledger, late: late + 1, aggregated: aggregated - 1 }
        return { ...entry, value: encode({ ...event, ledger }) }
      }),
    )
    const found = await verified({ fromUs: midnightUs + 2 * minuteUs }, data)
    expect(found.topics.filter(({ differences }) => differences > 0)).toMatchObject([
      { topic: 'aggregates', differences: 1, first: { kind: 'changed', partition: 0 } },
    ])
  })

  it('takes a judgement as compacted where the later one of the service lies behind the range', async () => {
    const data = copy()
    for (let partition = 0; partition < layout.partitions; partition++)
      rewrite(data, 'assessments', partition, (records) => {
        const lasts = new Map(records.map((entry) => [Buffer.from(entry.key!).toString(), entry]))
        return records.filter((entry) => [...lasts.values()].includes(entry))
      })
    const range = { fromUs: midnightUs + 3 * minuteUs, toUs: midnightUs + 4 * minuteUs }
    const { outcome, unchecked } = await verified(range, data)
    expect(outcome).toBe('equal')
    const records = (minuteUs / layout.windowUs) * services.length
    expect(unchecked.at(-1)).toEqual({ kind: 'compacted', topic: 'assessments', records })
    rewrite(data, 'assessments', 0, (last) => last.slice(1))
    expect((await verified(range, data)).outcome).toBe('different')
  })

  it('takes emitted records that retention has removed for what they are', async () => {
    const data = copy()
    for (const topic of ['aggregates', 'fleet', 'alerts'] satisfies TopicName[]) {
      // In small batches: a commit of a fast machine may hold nearly everything in one.
      rewrite(data, topic, 0, (records) => records)
      expire(data, topic, 0, 0.5)
    }
    const { outcome, unchecked } = await verified({}, data)
    expect(outcome).toBe('equal')
    expect(unchecked.map((note) => [note.kind, 'topic' in note ? note.topic : null])).toEqual([
      ['outputs-removed', 'aggregates'],
      ['outputs-removed', 'alerts'],
      ['outputs-removed', 'fleet'],
    ])
    const intact = copy()
    rewrite(intact, 'fleet', 0, (records) => records.toSpliced(Math.floor(records.length * 0.8), 1))
    expire(intact, 'fleet', 0, 0.25)
    expect((await verified({}, intact)).outcome).toBe('different')
  })
})

describe('verifying a log whose oldest inputs are gone', () => {
  const layout = layoutStampedBy('broker')
  const cut = (share: number): string => {
    const target = join(folder.path, `cut-${copies++}`)
    cpSync(join(folder.path, 'broker'), target, { recursive: true })
    for (const topic of inputTopics)
      for (let partition = 0; partition < layout.partitions; partition++)
        expire(target, topic, partition, share)
    return target
  }
  const verified = async (data: string): Promise<Verification> => {
    const log = await openLog(data)
    try {
      return await verifyLog(log, layout, everything)
    } finally {
      await log.close()
    }
  }
  const comparedIn = ({ topics }: Verification): Readonly<Record<string, number>> =>
    Object.fromEntries(topics.map(({ topic, emitted }) => [topic, emitted.records]))

  it('compares aggregates from the first whole window, the rest from the snapshot of midnight', async () => {
    const whole = await verified(join(folder.path, 'broker'))
    const found = await verified(cut(0.3))
    expect(found.outcome).toBe('equal')
    const removed = found.unchecked.filter(({ kind }) => kind === 'inputs-removed')
    expect(removed).toHaveLength(inputTopics.length * layout.partitions)
    expect(found.unchecked.filter(({ kind }) => kind === 'judgements')).toEqual([
      { kind: 'judgements', partition: 0, fromUs: midnightUs },
      { kind: 'judgements', partition: 1, fromUs: midnightUs },
    ])
    expect(found.unchecked.at(-1)).toEqual({
      kind: 'reports',
      fromUs: midnightUs + layout.windowUs,
    })
    const compared = comparedIn(found)
    expect(compared.aggregates).toBeGreaterThan(comparedIn(whole).aggregates! * 0.6)
    expect(compared.aggregates).toBeLessThan(comparedIn(whole).aggregates! * 0.75)
    expect(compared.fleet).toBe((layout.partitions * 12 * minuteUs) / layout.windowUs)
    expect(compared['platform-reports']).toBeGreaterThan(10)
  })

  it('says so where inputs go while it reads them, and what to do', async () => {
    const data = join(folder.path, `cut-${copies++}`)
    cpSync(join(folder.path, 'broker'), data, { recursive: true })
    const log = await openLog(data)
    let isExpired = false
    const expiring: Log = {
      ...log,
      read: (request) => {
        if (!isExpired) isExpired = expire(data, 'requests', 0, 0.3) > 0
        return log.read(request)
      },
    }
    await expect(verifyLog(expiring, layout, everything)).rejects.toThrow(
      /^requests\/0: position 0 is outside .* Retention has removed them while .* Verify again/,
    )
    await expect(verifyLog(expiring, layout, everything)).resolves.toMatchObject({
      outcome: 'equal',
    })
    await log.close()
  })

  it('compares only aggregates where no snapshot is left to begin at', async () => {
    const found = await verified(cut(0.98))
    expect(found.outcome).toBe('equal')
    expect(found.unchecked).toEqual(
      expect.arrayContaining([
        { kind: 'judgements', partition: 0, fromUs: null },
        { kind: 'judgements', partition: 1, fromUs: null },
        { kind: 'reports', fromUs: null },
      ]),
    )
    const { aggregates, ...others } = comparedIn(found)
    expect(aggregates).toBeGreaterThan(0)
    expect({ ...others, rejected: 0 }).toEqual({
      ...{ alerts: 0, assessments: 0, fleet: 0, 'platform-reports': 0, rejected: 0 },
    })
  })
})

afterAll(folder.remove)
