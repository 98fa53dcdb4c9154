import { givenLabels, matcherOf } from '@tidemark/evaluation'
import type { Configuration, Matcher, RegisteredService, Rule, Severity } from '@tidemark/model'

/** Labels that a service has; rules and maintenance see these alone. */
export const serviceLabelNames = ['service', 'team', 'tier', 'registered'] as const

export type Labels = ReadonlyMap<string, string>

export const labelsOfService = ({ service, team, tier }: RegisteredService): Labels =>
  new Map([
    ['service', service],
    ...(team === null ? [] : ([['team', team]] as const)),
    ...(tier === null ? [] : ([['tier', tier]] as const)),
    ['registered', 'true'],
  ])

/** Labels of the alerts that the rules may give, those of services aside; null where there are more kinds than one looks at. */
export const alertKinds = ({ rules, slos }: Configuration): readonly Labels[] | null => {
  const ids = [...new Set(slos.map(({ id }) => id))]
  const kinds: Labels[] = []
  for (const rule of rules)
    for (const severity of severitiesOf(rule))
      for (const slo of slosOf(rule, ids)) {
        if (kinds.length === kindsMax) return null
        kinds.push(
          new Map([
            ...rule.labels.map(({ name, value }) => [name, value] as const),
            ...([
              ['rule', rule.id],
              ['alertname', rule.id],
              ['severity', severity],
            ] as const),
            ...(slo === null ? [] : ([['slo', slo]] as const)),
          ]),
        )
      }
  return kinds
}

const kindsMax = 20_000

const severitiesOf = (rule: Rule): readonly Severity[] => {
  switch (rule.kind) {
    case 'health':
      return ['page', 'critical', 'warning']
    case 'burn-rate':
      return [...new Set(rule.windows.map(({ severity }) => severity))]
    default:
      return [rule.severity]
  }
}

const slosOf = (rule: Rule, ids: readonly string[]): readonly (string | null)[] =>
  rule.kind === 'burn-rate' || rule.kind === 'budget' ? (rule.slos ?? ids) : [null]

/** Every label that an alert may have. */
export const alertLabelNames = ({ rules }: Configuration): readonly string[] => [
  ...new Set([...givenLabels, ...rules.flatMap(({ labels }) => labels.map(({ name }) => name))]),
]

const ofServices: readonly string[] = ['service', 'team', 'tier']

/** Matchers on what services have, and the others: an alert matches when its service and its kind do. */
export const splitMatchers = (matchers: readonly Matcher[]) => ({
  service: matcherOf(matchers.filter(({ label }) => ofServices.includes(label))),
  kind: matcherOf(matchers.filter(({ label }) => !ofServices.includes(label))),
})
