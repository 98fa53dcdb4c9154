import { beforeAll, describe, expect, it } from '@jest/globals'
import { contradictionsIn, violationsOf } from './check.ts'
import { derivedEventsOf } from './derived-events.ts'
import type { Evidence } from './evidence.ts'
import { judgedRunOf, type JudgedRun } from './judged-run.ts'
import { cleanRun } from './testing/clean-run.ts'
import { plantedAlerts } from './testing/planted-alerts.ts'
import { plantedOutputs } from './testing/planted-outputs.ts'
import { plantedRecords } from './testing/planted-records.ts'
import { plantedRows } from './testing/planted-rows.ts'
import { withRepeat } from './testing/planting.ts'

let clean: Evidence
let cleanJudged: JudgedRun

beforeAll(async () => {
  clean = await cleanRun()
  cleanJudged = await judgedRunOf(clean)
})

const plants = [...plantedRecords, ...plantedAlerts, ...plantedRows, ...plantedOutputs]

describe('the checks of the invariants', () => {
  it('have nothing to say of a clean run that was restarted and cut off again and again', async () => {
    expect(await violationsOf(clean)).toEqual([])
  })

  it('have everything to look at: refusals of every kind, alerts that end, restored tasks, rows', () => {
    const types = new Set(cleanJudged.events.read.map(({ event }) => event.type))
    expect([...types].sort()).toEqual([
      'AlertAcknowledged',
      'AlertMarked',
      'AlertRaised',
      'AlertResolved',
      'AlertSeverityChanged',
      'FactApplied',
      'FleetSlice',
      'HealthWindowClosed',
      'PartitionAdvanced',
      'PlatformReported',
      'RecordRejected',
      'RequestWindowClosed',
      'ServiceAssessed',
    ])
    for (const processor of ['aggregator', 'evaluator'])
      expect(
        clean.commits!.some((commit) => commit.processor === processor && commit.epoch > 1),
      ).toBe(true)
    const { ledger } = cleanJudged.oracle.sourceOf('requests', 0).ledgers.at(-1)!
    expect(ledger.rejected.map(({ reason }) => reason)).toEqual([
      'bad_avro',
      'bad_frame',
      'future',
      'tombstone',
    ])
    expect(Math.min(ledger.late, ledger.duplicate, ledger.aggregated)).toBeGreaterThan(0)
  })

  it('need nothing but the outputs to see that they contradict each other', () => {
    expect(contradictionsIn(clean)).toEqual([])
    const repeated = withRepeat(clean, 'RequestWindowClosed')
    expect(contradictionsIn(repeated).map(({ invariant }) => invariant)).toContain('I4')
  })

  it.each(plants)('catch %s', async (_what, check, invariant, said, plant) => {
    const evidence = plant(clean)
    const found = await check({ ...cleanJudged, evidence, events: derivedEventsOf(evidence) })
    expect(found).toContainEqual({ invariant, what: expect.stringMatching(said) })
  })

  it('refuse evidence without the first records of a partition', async () => {
    await expect(judgedRunOf({ ...clean, inputs: clean.inputs.slice(1) })).rejects.toThrow(
      'the record at 0 is missing',
    )
  })
})
