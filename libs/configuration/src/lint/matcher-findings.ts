import { matcherOf } from '@tidemark/evaluation'
import { isoOf, type Configuration, type Matcher, type PlannedSilence } from '@tidemark/model'
import { nearestTo } from '../source/nearest.ts'
import {
  alertKinds,
  alertLabelNames,
  labelsOfService,
  serviceLabelNames,
  splitMatchers,
  type Labels,
} from './alert-kinds.ts'
import { error, errorIf, warning, warningIf, type Finding } from './finding.ts'

export type Surroundings = {
  /** Moments are judged by it: what is over, what is to come. */
  readonly nowUs: number
  /** Silences that hide more services than these are told of. */
  readonly hiddenServicesMax: number
}

/** Silences, maintenance, inhibition and rules that match nothing, too much, or at no time. */
export const matcherFindings = (
  configuration: Configuration,
  surroundings: Surroundings,
): readonly Finding[] => {
  const services = configuration.services.map(labelsOfService)
  const kinds = alertKinds(configuration)
  const labels = alertLabelNames(configuration)
  return [
    ...configuration.rules.flatMap(({ id, match }) => [
      ...unknownLabels(match, serviceLabelNames, ['rules', id, 'match'], 'service'),
      ...ruleMatchFindings(match, configuration, services, ['rules', id, 'match']),
    ]),
    ...configuration.silences.flatMap((silence) => [
      ...timeFindings(silence, ['silences', silence.id], surroundings),
      ...unknownLabels(silence.matchers, labels, ['silences', silence.id, 'matchers'], 'alert'),
      ...silenceFindings(silence, services, kinds, surroundings),
    ]),
    ...configuration.maintenance.flatMap((planned) => {
      const path = ['maintenance', planned.id]
      const { matchers } = planned
      return [
        ...timeFindings(planned, path, surroundings),
        ...unknownLabels(matchers, serviceLabelNames, [...path, 'matchers'], 'service'),
        ...countFindings(matchers, services, [...path, 'matchers'], surroundings),
      ]
    }),
    ...inhibitionFindings(configuration, kinds, labels),
  ]
}

const unknownLabels = (
  matchers: readonly Matcher[],
  known: readonly string[],
  path: readonly string[],
  what: 'service' | 'alert',
): readonly Finding[] =>
  matchers.flatMap(({ label }) => {
    const nearest = nearestTo(label, known)
    const hint = nearest === null ? ':' : `, did you mean ${nearest}?`
    return warningIf(
      !known.includes(label),
      path,
      `no ${what} has the label ${label}${hint} there are ${known.join(', ')}`,
    )
  })

const nobody: Labels = new Map([['registered', 'false']])

const ruleMatchFindings = (
  match: readonly Matcher[],
  { unregistered }: Configuration,
  services: readonly Labels[],
  path: readonly string[],
): readonly Finding[] => {
  if (match.length === 0 || services.some(matcherOf(match))) return []
  // One that is not registered has a name of its own, and no team or tier.
  const others = match.filter(({ label }) => label !== 'service')
  const mayMatch = unregistered === 'register' && matcherOf(others)(nobody)
  const none = `matches none of the ${services.length} services`
  return [
    mayMatch
      ? warning(path, `${none}: it fires for unregistered ones alone`)
      : error(path, `${none}: the rule can never fire`),
  ]
}

const timeFindings = (
  { fromUs, toUs }: PlannedSilence,
  path: readonly string[],
  { nowUs }: Surroundings,
): readonly Finding[] => [
  ...errorIf(
    toUs <= fromUs,
    [...path, 'to'],
    `ends at ${isoOf(toUs)}, not after it begins at ${isoOf(fromUs)}`,
  ),
  ...warningIf(toUs > fromUs && toUs <= nowUs, [...path, 'to'], `is over since ${isoOf(toUs)}`),
]

const silenceFindings = (
  { id, matchers }: PlannedSilence,
  services: readonly Labels[],
  kinds: readonly Labels[] | null,
  surroundings: Surroundings,
): readonly Finding[] => {
  const path = ['silences', id, 'matchers']
  if (kinds !== null && !kinds.some(splitMatchers(matchers).kind))
    return [warning(path, 'no rule gives alerts that match: it hides nothing')]
  return countFindings(matchers, services, path, surroundings)
}

const countFindings = (
  matchers: readonly Matcher[],
  services: readonly Labels[],
  path: readonly string[],
  { hiddenServicesMax }: Surroundings,
): readonly Finding[] => {
  const ofServices = matchers.filter(({ label }) =>
    (serviceLabelNames as readonly string[]).includes(label),
  )
  const count = services.filter(matcherOf(ofServices)).length
  return [
    ...warningIf(
      count === 0 && services.length > 0,
      path,
      `matches none of the ${services.length} services`,
    ),
    ...warningIf(
      count > hiddenServicesMax,
      path,
      `hides ${count} of ${services.length} services, more than ${hiddenServicesMax}`,
    ),
  ]
}

const inhibitionFindings = (
  { inhibition }: Configuration,
  kinds: readonly Labels[] | null,
  labels: readonly string[],
): readonly Finding[] => {
  const tested = inhibition.map(({ source, target }) => {
    const [sources, targets] = [splitMatchers(source).kind, splitMatchers(target).kind]
    return {
      sources: (kinds ?? []).filter(sources),
      targets: (kinds ?? []).filter((kind) => targets(kind) && !sources(kind)),
      both: (kinds ?? []).filter((kind) => targets(kind) && sources(kind)),
    }
  })
  return inhibition.flatMap(({ source, target }, at) => {
    const path = ['inhibition', String(at)]
    const { sources, targets, both } = tested[at]!
    const mutual = tested.findIndex(
      (other, index) =>
        index > at &&
        sources.some((kind) => other.targets.includes(kind)) &&
        targets.some((kind) => other.sources.includes(kind)),
    )
    return [
      ...unknownLabels(source, labels, [...path, 'source'], 'alert'),
      ...unknownLabels(target, labels, [...path, 'target'], 'alert'),
      ...(kinds === null
        ? []
        : [
            ...warningIf(
              sources.length === 0,
              [...path, 'source'],
              'no rule gives alerts that match: it inhibits nothing',
            ),
            ...warningIf(
              targets.length === 0,
              [...path, 'target'],
              both.length > 0
                ? 'matches only what the source matches as well, and no alert inhibits itself: it inhibits nothing'
                : 'no rule gives alerts that match: it inhibits nothing',
            ),
            ...warningIf(
              mutual >= 0,
              path,
              `and inhibition[${mutual}] inhibit each other: of two alerts both may be inhibited`,
            ),
          ]),
    ]
  })
}
