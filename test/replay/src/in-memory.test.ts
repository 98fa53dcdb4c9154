import type { Schedule } from '@tidemark/assembly'
import { describe, expect, it } from '@jest/globals'
import { configurationId, defaultLayout, factTypes, type Layout } from '@tidemark/model'
import { contradictionsIn, evidenceOfLog, violationsOf } from '@tidemark/simulation'
import { liveServices } from '@tidemark/simulator'
import { derive } from './derive.ts'
import { derivedEvents, ofType } from './derived-events.ts'
import { digestsOf } from './digests.ts'
import { changedConfigurations } from './mixed-facts.ts'
import { mixedInputs } from './mixed-inputs.ts'
import { randomOf, type Random } from './random.ts'

const seeds = Array.from({ length: 24 }, (_, i) => i + 1)
const schedulesPerSeed = 2

/** Some with limits so low that they bind: saved windows, sources that wait for each other, overflow rows, unchecked identities. */
const layoutOf = (seed: number): Layout => ({
  ...defaultLayout,
  partitions: 1 + (seed % 4),
  timestamps: 'producer',
  limits: {
    ...defaultLayout.limits,
    ...(seed % 2 === 0 && { maxAheadMs: 20_000 }),
    ...(seed % 3 === 0 && { restoreBudgetEvents: 30 }),
    ...(seed % 5 === 0 && {
      servicesPerWindow: 2,
      operationsPerServiceWindow: 1,
      identitiesPerWindow: 20,
    }),
  },
  configuration: { ...defaultLayout.configuration, services: liveServices },
})

/** As a process that ends now and then works, by chance, orderly or not; after 40 ends it goes on undisturbed. */
const scheduleOf = (random: Random): Schedule => {
  const batchMax = random.pick([1, 20, 300, 2000])
  let ends = 0
  return {
    batchRecords: () => random.integer(1, batchMax),
    source: (count) => random.integer(0, count - 1),
    after: () => {
      const fate = random.share()
      if (fate < 0.85 || ends >= 40) return fate < 0.2 ? 'commit' : 'go-on'
      ends++
      return fate < 0.92 ? 'restart' : 'crash'
    },
  }
}

describe('the same inputs in memory', () => {
  it.each(seeds)(
    'give the same bytes in other batches, orders, restarts and crashes (seed %i)',
    async (seed) => {
      const layout = layoutOf(seed)
      const inputs = mixedInputs(seed, layout, { minutes: 4, rate: 0.1 })
      const once = await derive(layout, inputs)
      expect(contradictionsIn(await evidenceOfLog(once, layout))).toEqual([])
      const digests = await digestsOf(once)
      for (const [topic, { records }] of Object.entries(digests))
        expect([topic, records]).not.toEqual([topic, 0])
      const random = randomOf(seed)
      for (let i = 0; i < schedulesPerSeed; i++)
        expect(await digestsOf(await derive(layout, inputs, scheduleOf(random)))).toEqual(digests)
    },
  )

  it.each(seeds.slice(0, 6))('break no invariant (seed %i)', async (seed) => {
    const layout = layoutOf(seed)
    const inputs = mixedInputs(seed, layout, { minutes: 4, rate: 0.1, facts: false })
    const log = await derive(layout, inputs)
    expect(await violationsOf(await evidenceOfLog(log, layout))).toEqual([])
  })

  it('hold facts of every kind that act, configurations among them', async () => {
    const layout = layoutOf(1)
    const log = await derive(layout, mixedInputs(1, layout, { minutes: 4, rate: 0.1 }))
    const facts = ofType(await derivedEvents(log, 'aggregates'), 'FactApplied')
    expect([...new Set(facts.map(({ fact }) => fact.type))].sort()).toEqual([...factTypes].sort())
    const evidence = (await derivedEvents(log, 'alerts')).flatMap((event) =>
      'evidence' in event ? [event.evidence.configurationId] : [],
    )
    const ids = [layout.configuration, ...changedConfigurations(layout)].map(configurationId)
    expect([...new Set(evidence)].sort()).toEqual([...ids].sort())
    const rows = ofType(await derivedEvents(log, 'assessments'), 'ServiceAssessed')
    expect(rows.some(({ costs }) => costs.length === 2)).toBe(true)
    expect(rows.some(({ reliability }) => reliability.deployments > 0)).toBe(true)
    expect(new Set(rows.map(({ registered }) => registered)).size).toBe(2)
    const alerts = (await derivedEvents(log, 'alerts')).filter((event) => 'alertId' in event)
    const acknowledged = ofType(alerts, 'AlertAcknowledged')
    expect(acknowledged.some(({ acknowledgement }) => acknowledgement === null)).toBe(true)
    expect(acknowledged.some(({ acknowledgement }) => acknowledgement !== null)).toBe(true)
    expect(alerts.some((event) => 'silencedBy' in event && event.silencedBy.length > 0)).toBe(true)
    const reasons = ofType(alerts, 'AlertResolved').map(({ reason }) => reason)
    expect(reasons).toEqual(
      expect.arrayContaining(['recovered', 'rule_removed', 'service_removed']),
    )
    const slices = ofType(await derivedEvents(log, 'fleet'), 'FleetSlice')
    expect(slices.some(({ ignored }) => ignored.length > 0)).toBe(true)
  })

  it('hold what makes them worth replaying: every way in which an event can end', async () => {
    const layout = layoutOf(1)
    const log = await derive(layout, mixedInputs(1, layout, { minutes: 4, rate: 0.1 }))
    const aggregates = await derivedEvents(log, 'aggregates')
    const advances = ofType(aggregates, 'PartitionAdvanced')
    expect(advances.some(({ unwatched }) => unwatched !== null && unwatched.fromMs > 0)).toBe(true)
    const last = advances.filter(({ topic }) => topic === 'requests').at(-1)!
    expect(last.ledger.late).toBeGreaterThan(0)
    expect(last.ledger.duplicate).toBeGreaterThan(0)
    expect(last.ledger.rejected.map(({ reason }) => reason)).toEqual([
      'bad_avro',
      'bad_frame',
      'bad_key',
      'future',
      'tombstone',
    ])
    const alerts = await derivedEvents(log, 'alerts')
    expect(ofType(alerts, 'AlertSeverityChanged').length).toBeGreaterThan(0)
    expect(ofType(alerts, 'AlertResolved').length).toBeGreaterThan(0)
  })

  it('reach the limits where these are low', async () => {
    const layout = layoutOf(5)
    const log = await derive(layout, mixedInputs(5, layout, { minutes: 4, rate: 0.1 }))
    const rows = ofType(await derivedEvents(log, 'aggregates'), 'RequestWindowClosed')
    expect(rows.some(({ overflow }) => overflow)).toBe(true)
    expect(rows.some(({ operations }) => operations.some(({ overflow }) => overflow))).toBe(true)
    expect(rows.some(({ identityChecked }) => !identityChecked)).toBe(true)
  })
})
