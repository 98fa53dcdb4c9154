import {
  defaultBurnWindows,
  type BurnWindow,
  type Configuration,
  type Fact,
  type Slo,
} from '@tidemark/model'
import { isMet, worstBurn } from './burns.ts'
import { costsOf, type Cost } from './cost.ts'
import { governanceOf, type Governance } from './governance.ts'
import { reliabilityOf, type Reliability } from './reliability.ts'
import type { Followed, ObservedObjective, Place } from './service.ts'
import type { Signals } from './signals.ts'
import { standingOf } from './standing.ts'

export type Cards = {
  readonly costs: readonly Cost[]
  readonly reliability: Reliability
  readonly governance: Governance | null
}

/** What is judged of a service over months: costs, reliability, governance. */
export const cardsOf = (
  { facts, rows, sentUs, troubles }: Followed,
  { layout, registered }: Place,
  endUs: number,
): Cards => {
  const of = <T extends Fact['type']>(type: T) =>
    facts.filter((fact): fact is Extract<Fact, { type: T }> => fact.type === type)
  const checks = rows
    .filter(({ type }) => type === 'HealthWindowClosed')
    .map(({ windowEndUs, placed }) => ({
      startUs: windowEndUs - layout.windowUs,
      passed: placed.filter(({ event }) => event.ok).length,
      total: placed.length,
    }))
  return {
    costs: costsOf(
      of('CostRecorded').filter(({ monthStartUs }) => monthStartUs < endUs),
      registered?.budget ?? null,
    ),
    reliability: reliabilityOf(
      {
        ...{ checks, sentUs, episodes: [...troubles.values()] },
        facts: facts.filter(
          (fact) =>
            fact.type === 'DeploymentFinished' ||
            fact.type === 'IncidentOpened' ||
            fact.type === 'IncidentClosed',
        ),
      },
      endUs,
    ),
    governance:
      registered === null
        ? null
        : governanceOf(registered, of('GovernanceEvidence'), sentUs, endUs),
  }
}

/** Of the rules that look at an objective, each once; the default ones where none does. */
const pairsOf = ({ id }: Slo, { rules }: Configuration): readonly BurnWindow[] => {
  const looking = rules.flatMap((rule) =>
    rule.kind === 'burn-rate' && (rule.slos?.includes(id) ?? true) ? [rule] : [],
  )
  const pairs = looking.flatMap(({ windows }) => windows)
  const once = new Map(
    pairs.map((pair) => [
      JSON.stringify([pair.severity, pair.longUs, pair.shortUs, pair.budgetPpm]),
      pair,
    ]),
  )
  return looking.length === 0 ? defaultBurnWindows : [...once.values()]
}

/** What is told of a service beside its alerts. */
export const rowOf = (
  { shown }: Followed,
  { service, registered, configuration }: Place,
  signals: Signals,
  objectives: readonly ObservedObjective[],
  { costs, reliability, governance }: Cards,
) => {
  const burns = objectives.flatMap(({ slo, burnsOf }) => burnsOf(pairsOf(slo, configuration)))
  const met = objectives.map(({ state }) => isMet(state.counts, state.targetPpm))
  return {
    row: {
      ...{ service, ...shown, registered: registered !== null },
      ...{ team: registered?.team ?? null, tier: registered?.tier ?? null, signals },
      slos: objectives.map(({ slo, state }) => ({
        ...state,
        burning: worstBurn(burns.filter((burn) => burn.slo === slo.id))?.window.severity ?? null,
      })),
      ...{ costs, reliability, governance },
      standing: standingOf({
        missed: met.filter((each) => each === false).length,
        score: reliability.score,
        governance: governance?.status ?? null,
        isOverBudget: costs.some(({ overBudget }) => overBudget),
      }),
    },
    burns: burns.map(({ slo, window: { severity, longUs, shortUs }, long, short, isBurning }) => ({
      ...{ slo, severity, longUs, shortUs, long, short, isBurning },
    })),
  }
}
