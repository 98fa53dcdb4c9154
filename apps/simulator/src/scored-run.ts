import { alertHistories } from '@tidemark/evaluation'
import type { Layout, Processor } from '@tidemark/model'
import type { ScoredRun } from '@tidemark/scoring'
import { truthOf, type Traffic } from '@tidemark/traffic'
import { UnfitLogError } from './errors.ts'
import { simulatedAlerts } from './simulated-alerts.ts'

export type ScoredRunOptions = {
  readonly layout: Layout
  /** Those that lead from inputs to alerts, upstream first. */
  readonly processors: readonly Processor[]
}

/** What traffic with an end leads to, in virtual time and in memory, beside what was wrong with it. */
export const scoredRun = async (
  traffic: Traffic,
  { layout, processors }: ScoredRunOptions,
): Promise<ScoredRun> => {
  if (traffic.endUs === null)
    throw new UnfitLogError('traffic in virtual time needs an end: give it a duration')
  return {
    fromUs: traffic.startUs,
    toUs: traffic.endUs,
    truth: [...traffic.faults()].map(truthOf),
    alerts: alertHistories(await simulatedAlerts(traffic, { layout, processors })),
    rules: layout.configuration.rules.map(({ id }) => id),
  }
}
