import { encode, partitionOfService } from '@tidemark/codec'
import {
  configurationId,
  isControlFact,
  keyOfEvent,
  type AlertRaised,
  type Configuration,
  type ControlFact,
  type Fact,
  type Id,
  type Matcher,
  type ServiceFact,
} from '@tidemark/model'
import type { Draws } from '../faults/random.ts'
import { alertMatchers, serviceMatchers, serviceNames } from './drawn-matchers.ts'
import { someTimeIn, type Stretch } from './timeline.ts'
import type { TimedRecord } from './traffic.ts'

const minuteUs = 60_000_000

/** Facts of every kind but answers to alerts, which nobody can give before there are some. */
export const factsOf = (
  draw: Draws,
  stretches: readonly Stretch[],
  partitions: number,
): readonly TimedRecord[] => [
  ...some(draw, 0, 30, () => {
    const toldMs = someTimeIn(stretches, draw)
    // What happened, and when somebody tells of it, are two things.
    const atUs = 1000 * (toldMs - draw.pick([0, 0, 0, 60_000, 3_600_000, 180_000_000]))
    return written(draw, serviceFact(draw, atUs), partitions, toldMs)
  }),
  ...some(draw, 0, 4, () => {
    const created = silenceCreated(draw, stretches)
    const records = written(draw, created, partitions)
    if (draw.chance(0.6)) return records
    const atUs = created.atUs + draw.between(-1, 8) * minuteUs
    const expired = {
      ...fieldsAt(draw, atUs),
      type: 'SilenceExpired',
      silenceId: created.id,
    } as const
    return [...records, ...written(draw, expired, partitions)]
  }),
]

/** One to three activations, of which a later one may come before an earlier one is in force. */
export const activationsOf = (
  draw: Draws,
  stretches: readonly Stretch[],
  configurations: readonly Configuration[],
  partitions: number,
): readonly TimedRecord[] =>
  configurations
    .map((configuration) => ({ configuration, atUs: someTimeIn(stretches, draw) * 1000 }))
    .sort((a, b) => a.atUs - b.atUs)
    .flatMap(({ configuration, atUs }) =>
      written(
        draw,
        {
          ...fieldsAt(draw, atUs),
          type: 'ConfigurationActivated',
          configurationId: configurationId(configuration),
          effectiveFromUs: atUs - (atUs % minuteUs) + draw.between(-1, 5) * minuteUs,
        },
        partitions,
      ),
    )

/** What people say to alerts that they have seen, some of it twice, some of it to alerts that nobody has raised. */
export const answersTo = (
  draw: Draws,
  raised: readonly AlertRaised[],
  partitions: number,
): readonly TimedRecord[] =>
  raised
    .filter(() => draw.chance(0.4))
    .flatMap(({ alertId, service, windowEndUs }) => {
      const atUs = windowEndUs + draw.between(10_000, 300_000) * 1000
      const answer = {
        ...fieldsAt(draw, atUs),
        type: 'AcknowledgementGiven',
        ...{ service, alertId: draw.chance(0.95) ? alertId : (alertId.replace(/^./, '0') as Id) },
        untilUs: draw.chance(0.5) ? atUs + draw.between(-1, 7) * minuteUs : null,
      } as const
      const records = written(draw, answer, partitions)
      if (draw.chance(0.2)) {
        const incident = { ...fieldsAt(draw, atUs), service, incident: `of ${alertId}`, alertId }
        return [...records, ...written(draw, { ...incident, type: 'IncidentOpened' }, partitions)]
      }
      if (draw.chance(0.7)) return records
      const again = { ...answer, ...fieldsAt(draw, atUs + draw.between(0, 4) * minuteUs) }
      return [...records, ...written(draw, again, partitions)]
    })

/**
 * A fact as its records: one in its service's partition, or one in each partition, at times of their own, one of them perhaps much later.
 * Some come twice.
 */
const written = (
  draw: Draws,
  fact: Fact,
  partitions: number,
  toldMs = Math.ceil(fact.atUs / 1000),
): readonly TimedRecord[] => {
  const value = encode(fact)
  const places = isControlFact(fact)
    ? Array.from({ length: partitions }, (_, i) => i)
    : [partitionOfService(fact.service, partitions).partition]
  return places.flatMap((partition) => {
    const delayMs = draw.chance(0.1) ? draw.between(60_000, 400_000) : draw.between(0, 9000)
    const record = {
      ...({ topic: 'facts', partition, value, key: Buffer.from(keyOfEvent(fact)!) } as const),
      atMs: toldMs + delayMs,
    }
    return draw.chance(0.15)
      ? [record, { ...record, atMs: record.atMs + draw.between(0, 500_000) }]
      : [record]
  })
}

const some = <T>(draw: Draws, low: number, high: number, make: () => readonly T[]): readonly T[] =>
  Array.from({ length: draw.between(low, high) }, make).flat()

const fieldsAt = (draw: Draws, atUs: number) => ({
  ...{ id: draw.uuid(), atUs, by: draw.pick(['ann', 'bob', null]) },
  note: draw.pick([null, 'as agreed']),
})

const silenceCreated = (
  draw: Draws,
  stretches: readonly Stretch[],
): Extract<ControlFact, { readonly type: 'SilenceCreated' }> => {
  const atUs = someTimeIn(stretches, draw) * 1000
  const maintenance = draw.chance(0.35)
  const fromUs = atUs - (atUs % minuteUs) + draw.between(-2, 4) * minuteUs + draw.pick([0, 1])
  return {
    ...fieldsAt(draw, atUs),
    ...{ type: 'SilenceCreated', maintenance, fromUs },
    matchers: textOf(maintenance ? serviceMatchers(draw) : alertMatchers(draw)),
    toUs: fromUs + draw.between(1, 12) * minuteUs,
  }
}

const textOf = (matchers: readonly Matcher[]): string =>
  `{${matchers.map(({ label, operator, value }) => `${label}${operator}"${value}"`).join(', ')}}`

const serviceFact = (draw: Draws, atUs: number): ServiceFact => {
  const fields = { ...fieldsAt(draw, atUs), service: draw.pick(serviceNames.slice(0, 4)) }
  const incident = draw.pick(['INC-1', 'INC-2', 'INC-3'])
  switch (draw.pick(['cost', 'cost', 'deployment', 'incident', 'evidence', 'budget'] as const)) {
    case 'cost': {
      const { fromUs, toUs } = monthBefore(atUs, draw.pick([0, 0, 1, 1, 2]))
      return {
        ...{ ...fields, type: 'CostRecorded', monthStartUs: fromUs },
        throughUs: Math.min(toUs, fromUs + draw.between(0, 31) * 24 * 60 * minuteUs),
        currency: draw.pick(['EUR', 'EUR', 'USD']),
        amountMinor: draw.pick([0, 50_000, 53_000, 62_000, 84_001, 350_000, -20_000]),
      }
    }
    case 'deployment':
      return {
        ...{ ...fields, type: 'DeploymentFinished' },
        deployment: draw.pick(['d1', 'd2', 'd3', 'd4']),
      }
    case 'incident':
      return draw.chance(0.5)
        ? { ...fields, type: 'IncidentOpened', incident, alertId: null }
        : { ...fields, type: 'IncidentClosed', incident }
    case 'evidence':
      return {
        ...{ ...fields, type: 'GovernanceEvidence', ...evidenceOf(draw, atUs) },
      }
    case 'budget':
      return {
        ...{ ...fields, type: 'BudgetCorrected', slo: draw.pick(['avail', 'fast', 'up', 'jobs']) },
        ...{ valid: draw.between(-20, 20), bad: draw.between(-10, 10) },
      }
  }
}

const evidenceOf = (draw: Draws, atUs: number) => {
  const untilUs = atUs + draw.between(1, 60) * minuteUs
  const check = draw.pick(['runbook', 'monitoring', 'owner', 'documentation'] as const)
  return draw.chance(0.3)
    ? ({ check, result: 'skipped', untilUs, note: 'not asked for' } as const)
    : {
        check,
        result: draw.pick(['passed', 'failed'] as const),
        untilUs: draw.pick([null, untilUs]),
      }
}

/** A calendar month in UTC, so many before the one that holds a time. */
const monthBefore = (atUs: number, count: number) => {
  const at = new Date(atUs / 1000)
  const start = (month: number): number => Date.UTC(at.getUTCFullYear(), month) * 1000
  const month = at.getUTCMonth() - count
  return { fromUs: start(month), toUs: start(month + 1) }
}
