import type { Configuration, Layout, PlannedSilence } from '@tidemark/model'
import { durationText } from '../format.ts'
import {
  anyUs,
  atMost,
  configurationMax,
  faultIf,
  idFaults,
  matcherFaults,
  textFaults,
  twiceFaults,
  within,
  type ConfigurationFault,
} from './fault.ts'
import { healthFaults } from './health-faults.ts'
import { ruleFaults } from './rule-faults.ts'
import { serviceFaults } from './service-faults.ts'
import { sloFaults } from './slo-faults.ts'

/** Windows of every service are kept for so long. */
const horizonUsMax = 3_600_000_000

/**
 * Everything for which a configuration cannot be worked with: numbers out of their ranges, lists too long, steps out of order, names that are none
 * or there twice, services that are not there, patterns that cannot be matched. Its types are taken for granted, and whether it makes sense is
 * another matter.
 */
export const configurationFaults = (
  configuration: Configuration,
  layout: Pick<Layout, 'windowUs' | 'histogram'>,
): readonly ConfigurationFault[] => [
  ...signalFaults(configuration, layout),
  ...trackingFaults(configuration),
  ...healthFaults(configuration.health, ['thresholds']),
  ...serviceFaults(configuration.services),
  ...sloFaults(configuration, layout),
  ...ruleFaults(configuration.rules),
  ...plannedFaults(configuration),
  ...inhibitionFaults(configuration),
  ...escalationFaults(configuration),
]

const signalFaults = (
  { horizonUs, requestsMin, checksMin }: Configuration,
  { windowUs }: Pick<Layout, 'windowUs'>,
): readonly ConfigurationFault[] => [
  ...within(horizonUs, [windowUs, horizonUsMax], ['signals', 'horizon'], durationText),
  ...faultIf(
    horizonUs % windowUs !== 0,
    ['signals', 'horizon'],
    `${durationText(horizonUs)} is no number of whole windows of ${durationText(windowUs)}`,
  ),
  ...within(requestsMin, [1, 1_000_000], ['signals', 'requests']),
  ...within(checksMin, [1, 1_000_000], ['signals', 'checks']),
]

const trackingFaults = (configuration: Configuration): readonly ConfigurationFault[] => [
  ...within(configuration.improveAfterWindows, [1, 1000], ['tracking', 'improveAfter']),
  ...within(configuration.downFailuresMin, [1, 1000], ['tracking', 'downFailures']),
  ...within(configuration.staleAfterUs, anyUs, ['tracking', 'staleAfter'], durationText),
  ...within(configuration.absentAfterUs, anyUs, ['tracking', 'absentAfter'], durationText),
  ...within(configuration.forgetAfterUs, anyUs, ['tracking', 'forgetAfter'], durationText),
  ...within(configuration.unregisteredMax, [0, 1_000_000], ['limits', 'unregistered']),
]

const plannedFaults = ({ silences, maintenance }: Configuration): readonly ConfigurationFault[] => {
  const silenced = new Set(silences.map(({ id }) => id))
  return [
    ...partFaults('silences', silences),
    ...partFaults('maintenance', maintenance),
    // An alert names what hides it by id alone.
    ...maintenance.flatMap(({ id }) =>
      faultIf(silenced.has(id), ['maintenance', id], 'is the id of a silence as well'),
    ),
  ]
}

const partFaults = (
  part: 'silences' | 'maintenance',
  planned: readonly PlannedSilence[],
): readonly ConfigurationFault[] => [
  ...atMost(planned, configurationMax.silences, [part]),
  ...twiceFaults(
    planned.map(({ id }) => id),
    (id) => [part, id],
  ),
  ...planned.flatMap(({ id, matchers, fromUs, toUs, note }) => [
    ...idFaults(id, [part, id]),
    ...matcherFaults(matchers, [part, id, 'matchers']),
    ...within(fromUs, anyUs, [part, id, 'from']),
    ...within(toUs, anyUs, [part, id, 'to']),
    ...textFaults(note, [part, id, 'note']),
  ]),
]

const inhibitionFaults = ({ inhibition }: Configuration): readonly ConfigurationFault[] => [
  ...atMost(inhibition, configurationMax.inhibition, ['inhibition']),
  ...inhibition.flatMap(({ source, target }, at) => [
    ...matcherFaults(source, ['inhibition', String(at), 'source']),
    ...matcherFaults(target, ['inhibition', String(at), 'target']),
  ]),
]

const escalationFaults = ({ escalation }: Configuration): readonly ConfigurationFault[] => [
  ...atMost(escalation, configurationMax.escalation, ['escalation']),
  ...escalation.flatMap(({ afterUs, severities }, at) => {
    const path = ['escalation', String(at)]
    const before = escalation[at - 1]?.afterUs
    return [
      ...within(afterUs, anyUs, [...path, 'after'], durationText),
      ...faultIf(
        before !== undefined && afterUs <= before,
        [...path, 'after'],
        `${durationText(afterUs)} is not after the step before, ${durationText(before ?? 0)}`,
      ),
      ...faultIf(severities.length === 0, [...path, 'severities'], 'none: no alert would take it'),
    ]
  }),
]
