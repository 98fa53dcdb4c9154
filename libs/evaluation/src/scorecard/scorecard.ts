import type {
  CostState,
  Governance,
  RegisteredService,
  ReliabilityScore,
  ServiceFact,
} from '@tidemark/model'
import { dayUs } from '../calendar.ts'
import type { CheckTally } from '../signals.ts'
import { addToStep, stepRing, sumOfSteps, type StepRing } from '../slo/step-ring.ts'
import { costStates, withCost, type MonthCost } from './cost.ts'
import { governanceOf, withEvidence, type Evidence } from './governance.ts'
import {
  endOf,
  historyUs,
  isRecent,
  withAlerts,
  withDeployment,
  withIncident,
  type AlertNews,
  type Deployment,
  type Episode,
  type Incident,
} from './history.ts'
import { reliabilityOf } from './reliability.ts'

/** What is remembered of a service besides its signals and objectives: from facts, and from what the evaluator saw. */
export type Scorecard = {
  readonly costs: readonly MonthCost[]
  readonly evidence: readonly Evidence[]
  readonly deployments: readonly Deployment[]
  readonly incidents: readonly Incident[]
  readonly episodes: readonly Episode[]
  /** Health checks by day (UTC), failed ones as bad. */
  readonly checks: StepRing
}

const historyDays = historyUs / dayUs

export const newScorecard: Scorecard = {
  costs: [],
  evidence: [],
  deployments: [],
  incidents: [],
  episodes: [],
  checks: stepRing(historyDays),
}

export type CardFact = Exclude<
  ServiceFact,
  { readonly type: 'AcknowledgementGiven' | 'BudgetCorrected' }
>

/** With a fact that acts from a window's start on; one that says what is known already changes nothing. */
export const withFact = (card: Scorecard, fact: CardFact, windowStartUs: number): Scorecard => {
  switch (fact.type) {
    case 'CostRecorded':
      return { ...card, costs: withCost(card.costs, fact) }
    case 'GovernanceEvidence':
      return { ...card, evidence: withEvidence(card.evidence, fact) }
    case 'DeploymentFinished':
      return { ...card, deployments: withDeployment(card.deployments, fact, windowStartUs) }
    case 'IncidentOpened': {
      const { incident, alertId, atUs } = fact
      const said = { incident, alertId, openedAtUs: atUs }
      return { ...card, incidents: withIncident(card.incidents, said, windowStartUs) }
    }
    case 'IncidentClosed': {
      const said = { incident: fact.incident, closedAtUs: fact.atUs }
      return { ...card, incidents: withIncident(card.incidents, said, windowStartUs) }
    }
  }
}

/** With the health checks of a window. */
export const withChecks = (
  card: Scorecard,
  checks: Pick<CheckTally, 'passed' | 'failed'> | null,
  windowStartUs: number,
): Scorecard =>
  checks === null
    ? card
    : {
        ...card,
        checks: addToStep(card.checks, Math.floor(windowStartUs / dayUs), {
          valid: checks.passed + checks.failed,
          bad: checks.failed,
        }),
      }

/** With the alerts that a window raised, changed and resolved. */
export const withEpisodes = (
  card: Scorecard,
  told: readonly AlertNews[],
  windowEndUs: number,
): Scorecard => {
  if (told.length === 0) return card
  const episodes = withAlerts(card.episodes, told, windowEndUs)
  return episodes === card.episodes ? card : { ...card, episodes }
}

export const costsOf = (
  card: Scorecard,
  service: RegisteredService | null,
  windowEndUs: number,
): readonly CostState[] => costStates(card.costs, service?.budget ?? null, windowEndUs)

/** `lastSentUs`: end of the last window in which it sent something; null: never. */
export const governanceAt = (
  card: Scorecard,
  service: RegisteredService,
  windowEndUs: number,
  lastSentUs: number | null,
): Governance => {
  const isMonitored = lastSentUs !== null && windowEndUs - lastSentUs < dayUs
  const { evidence } = card
  if (evidence.length > 0 || service.skips.length > 0)
    return governanceOf(service, evidence, { windowEndUs, isMonitored })
  const known = proved[isMonitored ? 1 : 0]!
  let governance = known.get(service)
  if (governance === undefined) {
    governance = governanceOf(service, evidence, { windowEndUs, isMonitored })
    known.set(service, governance)
  }
  return governance
}

/** By what the configuration says alone nothing changes in time: of services that are not monitored, and of those that are. */
const proved: readonly WeakMap<RegisteredService, Governance>[] = [new WeakMap(), new WeakMap()]

/** Over the 30 days before a window's end; uptime over 30 days and the running one. Source: domain.md section 6. */
export const reliabilityAt = (
  { checks, deployments, incidents, episodes }: Scorecard,
  windowEndUs: number,
  lastSentUs: number | null,
): ReliabilityScore => {
  const today = Math.ceil(windowEndUs / dayUs) - 1
  const { valid, bad } = sumOfSteps(checks, today - historyDays, today + 1)
  const isWatched = lastSentUs !== null && isRecent(lastSentUs, windowEndUs)
  // Nearly all services have no history at nearly all times.
  if (deployments.length + incidents.length + episodes.length === 0)
    return reliabilityOf({ ...noHistory, checks: { passed: valid - bad, total: valid }, isWatched })
  const begins: number[] = []
  const repairsUs: number[] = []
  const add = (beginUs: number | null, endUs: number | null): void => {
    if (beginUs === null) return
    if (isRecent(beginUs, windowEndUs)) begins.push(beginUs)
    if (endUs !== null && isRecent(endUs, windowEndUs)) repairsUs.push(endUs - beginUs)
  }
  for (const { raisedAtUs, resolvedAtUs } of episodes) add(raisedAtUs, resolvedAtUs)
  // An incident that names an alert is told by the alert's episode.
  for (const incident of incidents)
    if (incident.alertId === null) add(incident.openedAtUs, endOf(incident))
  const finished = deployments.filter(({ atUs }) => isRecent(atUs, windowEndUs))
  return reliabilityOf({
    checks: { passed: valid - bad, total: valid },
    repairsUs,
    incidents: begins.length,
    isWatched,
    deployments: finished.length,
    deploymentsFailed: failedOf(finished, begins),
  })
}

const noHistory = { repairsUs: [], incidents: 0, deployments: 0, deploymentsFailed: 0 } as const

const failsWithinUs = 3_600_000_000

/** How many deployments have an incident that began in their hour. */
const failedOf = (deployments: readonly Deployment[], begins: readonly number[]): number => {
  if (deployments.length === 0 || begins.length === 0) return 0
  const sorted = begins.toSorted((a, b) => a - b)
  let next = 0
  let failed = 0
  for (const { atUs } of deployments) {
    while (next < sorted.length && sorted[next]! < atUs) next++
    if (next < sorted.length && sorted[next]! <= atUs + failsWithinUs) failed++
  }
  return failed
}
