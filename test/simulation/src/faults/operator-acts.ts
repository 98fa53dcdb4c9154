import { encode, partitionOfService } from '@tidemark/codec'
import {
  configurationId,
  isControlFact,
  keyOfEvent,
  type Fact,
  type FactFields,
  type ServiceFact,
} from '@tidemark/model'
import { configurationPieces } from '../configuration-pieces.ts'
import { services } from './load.ts'
import type { OperatorParts } from './operators.ts'
import type { Publication } from './publishing.ts'
import type { JournalEntry } from './run.ts'

/** Something to be published from a time on. */
export type Letter = Publication & { readonly fromMs: number }

/** What an operator does next; often nothing. */
export const actOf = (parts: OperatorParts): readonly Letter[] => {
  const { draw, desk } = parts
  const act = draw.unit()
  if (act < 0.3) return desk.alerts.length === 0 ? [] : lettersOf(parts, answerTo(parts))
  if (act < 0.45) return lettersOf(parts, silence(parts))
  if (act < 0.6) return lettersOf(parts, serviceFact(parts))
  return act < 0.74 ? activation(parts) : []
}

const fieldsNow = ({ draw, process }: OperatorParts): FactFields => ({
  ...{ id: draw.uuid(), atUs: process.wallMs() * 1000 },
  ...{ by: draw.pick(['ann', 'bob']), note: draw.pick([null, 'looking into it']) },
})

/** Mostly to one that goes on, now and then to one that is over. */
const answerTo = (parts: OperatorParts): Fact => {
  const { draw, desk, plan } = parts
  const { alertId, service, windowEndUs } = draw.pick(desk.alerts)
  const untilUs = windowEndUs + draw.between(1, 5) * plan.layout.windowUs
  return {
    ...{ ...fieldsNow(parts), type: 'AcknowledgementGiven', service, alertId },
    untilUs: draw.chance(0.5) ? untilUs : null,
  }
}

const silence = (parts: OperatorParts): Fact => {
  const { draw, desk, plan } = parts
  if (desk.silences.length > 0 && draw.chance(0.35)) {
    const silenceId = draw.pick(desk.silences)
    return { ...fieldsNow(parts), type: 'SilenceExpired', silenceId }
  }
  const fields = fieldsNow(parts)
  desk.silences.push(fields.id)
  const maintenance = draw.chance(0.3)
  const service = draw.pick(services)
  const matchers = draw.pick(['severity="page"', `service="${service}"`, 'alertname=~"a.*|h.*"'])
  return {
    ...{ ...fields, type: 'SilenceCreated', maintenance },
    matchers: maintenance ? `{service="${service}"}` : `{${matchers}}`,
    fromUs: fields.atUs,
    toUs: fields.atUs + draw.between(1, 5) * plan.layout.windowUs,
  }
}

const serviceFact = (parts: OperatorParts): ServiceFact => {
  const { draw } = parts
  const fields = { ...fieldsNow(parts), service: draw.pick(services) }
  const incident = draw.pick(['INC-1', 'INC-2'])
  switch (draw.pick(['cost', 'deployment', 'opened', 'closed', 'evidence', 'budget'] as const)) {
    case 'cost':
      return {
        ...{ ...fields, type: 'CostRecorded', currency: 'EUR', ...octoberOrBefore(draw.unit()) },
        amountMinor: draw.between(0, 300_000),
      }
    case 'deployment':
      return { ...fields, type: 'DeploymentFinished', deployment: draw.pick(['v1', 'v2']) }
    case 'opened':
      return { ...fields, type: 'IncidentOpened', incident, alertId: null }
    case 'closed':
      return { ...fields, type: 'IncidentClosed', incident }
    case 'evidence':
      return {
        ...{ ...fields, type: 'GovernanceEvidence', check: draw.pick(['runbook', 'owner']) },
        ...{ result: draw.pick(['passed', 'failed']), untilUs: null },
      }
    case 'budget':
      return {
        ...{ ...fields, type: 'BudgetCorrected', slo: 'availability' },
        ...{ valid: draw.between(-3, 3), bad: draw.between(-3, 3) },
      }
  }
}

/** Runs take place in October 2025. */
const octoberOrBefore = (unit: number) => {
  const month = unit < 0.6 ? 9 : 8
  const monthStartUs = Date.UTC(2025, month) * 1000
  return { monthStartUs, throughUs: monthStartUs + Math.floor(unit * 28 * 86_400) * 1_000_000 }
}

/** A configuration is stored in pieces, and activated once they are there, unless somebody is in too much of a hurry. */
const activation = (parts: OperatorParts): readonly Letter[] => {
  const { draw, plan, process, faults, nextPublication } = parts
  const configuration = draw.pick(plan.configurations)
  const { windowUs } = plan.layout
  const fields = fieldsNow(parts)
  const runningUs = fields.atUs - (fields.atUs % windowUs)
  const lateMs = faults.strikes('configuration-late', 0.6) ? draw.between(6000, 30_000) : 0
  const pieces = configurationPieces(configuration, draw.pick([900, 100_000])).map(
    (piece): Letter => ({
      ...{ publication: nextPublication(), topic: 'catalog', partition: 0 },
      ...{ entries: [{ ...piece, sort: 'good' }], fromMs: process.nowMs() + lateMs },
    }),
  )
  return [
    ...pieces,
    ...lettersOf(parts, {
      ...{ ...fields, type: 'ConfigurationActivated' },
      configurationId: configurationId(configuration),
      effectiveFromUs: runningUs + draw.between(0, 2) * windowUs,
    }),
  ]
}

/** A fact as what is published: one letter for each partition that it belongs to, some of them late, some of them twice. */
const lettersOf = (parts: OperatorParts, fact: Fact): readonly Letter[] => {
  const { draw, faults, plan, process, nextPublication } = parts
  const { partitions } = plan.layout
  const entry: JournalEntry = {
    ...{ key: Buffer.from(keyOfEvent(fact)!), value: encode(fact), sort: 'good' },
  }
  const letterTo = (partition: number, afterMs: number): Letter => ({
    ...{ publication: nextPublication(), topic: 'facts', partition, entries: [entry] },
    fromMs: process.nowMs() + afterMs,
  })
  const places = isControlFact(fact)
    ? Array.from({ length: partitions }, (_, partition) => partition)
    : [partitionOfService(fact.service, partitions).partition]
  const lateIn =
    isControlFact(fact) && faults.strikes('control-fact-late', 0.3) ? draw.pick(places) : null
  const first = places.map((partition) =>
    letterTo(partition, partition === lateIn ? draw.between(2000, 12_000) : 0),
  )
  return faults.strikes('fact-twice', 0.15)
    ? [...first, ...places.map((partition) => letterTo(partition, draw.between(0, 9000)))]
    : first
}
