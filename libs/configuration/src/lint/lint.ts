import { configurationFaults } from '@tidemark/evaluation'
import type { Configuration, Layout } from '@tidemark/model'
import { budgetFindings } from './budget-findings.ts'
import { effectiveThresholds, type EffectiveThreshold } from './effective-thresholds.ts'
import { error, errorIf, type Finding } from './finding.ts'
import { matcherFindings, type Surroundings } from './matcher-findings.ts'
import { burnTimes, ruleTimes, type BurnTime, type RuleTime } from './rule-times.ts'
import { serviceFindings } from './service-findings.ts'
import { conditionFindings, healthFindings } from './signal-findings.ts'

export type LintOptions = Surroundings & {
  readonly layout: Pick<Layout, 'windowUs' | 'graceUs' | 'tickIntervalMs' | 'histogram'>
}

export type LintReport = {
  readonly findings: readonly Finding[]
  readonly burns: readonly BurnTime[]
  readonly times: readonly RuleTime[]
  readonly thresholds: readonly EffectiveThreshold[]
}

/** Whether a configuration makes sense. Where it cannot be worked with at all, that is all there is to say. */
export const lint = (
  configuration: Configuration,
  { layout, ...surroundings }: LintOptions,
): LintReport => {
  const faults = configurationFaults(configuration, layout)
  if (faults.length > 0)
    return {
      findings: faults.map(({ path, message }) => error(path, message)),
      ...{ burns: [], times: [], thresholds: [] },
    }
  const { histogram } = layout
  return {
    findings: [
      ...errorIf(
        60_000_000 % layout.windowUs !== 0,
        [],
        `the layout's window of ${layout.windowUs / 1_000_000} s does not divide one minute, as burn rates need it`,
      ),
      ...healthFindings(configuration, histogram),
      ...serviceFindings(configuration, surroundings.nowUs),
      ...conditionFindings(configuration.rules, histogram),
      ...budgetFindings(configuration),
      ...matcherFindings(configuration, surroundings),
    ],
    burns: burnTimes(configuration),
    times: ruleTimes(configuration, layout),
    thresholds: effectiveThresholds(configuration, histogram.highestUs),
  }
}
