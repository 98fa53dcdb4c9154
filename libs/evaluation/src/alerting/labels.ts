import { compareUtf8, type Label, type RegisteredService, type Severity } from '@tidemark/model'

/** Labels by name, as matchers see them; what is absent is not in it. */
export type Labels = ReadonlyMap<string, string>

/** Labels that Tidemark gives its alerts; no rule has one of these of its own. */
export const givenLabels: readonly string[] = [
  ...['rule', 'alertname', 'service', 'severity', 'team', 'tier', 'slo'],
]

/** Of a service: what matchers of rules and of maintenance see. */
export const serviceLabels = (service: string, registered: RegisteredService | null): Labels => {
  const labels = new Map([
    ['service', service],
    ['registered', registered === null ? 'false' : 'true'],
  ])
  const { team, tier } = registered ?? { team: null, tier: null }
  if (team !== null) labels.set('team', team)
  if (tier !== null) labels.set('tier', tier)
  return labels
}

/** Of an alert, sorted by name: what its events carry, and what matchers of silences and inhibition see. */
export const alertLabels = (
  rule: { readonly id: string; readonly labels: readonly Label[] },
  slo: string | null,
  service: Labels,
  severity: Severity,
): readonly Label[] => {
  const given = new Map<string, string>([
    ['alertname', rule.id],
    ['rule', rule.id],
    ['severity', severity],
  ])
  if (slo !== null) given.set('slo', slo)
  for (const name of ['service', 'team', 'tier']) {
    const value = service.get(name)
    if (value !== undefined) given.set(name, value)
  }
  const own = rule.labels.filter(({ name }) => !givenLabels.includes(name))
  return [...own, ...[...given].map(([name, value]) => ({ name, value }))].sort((a, b) =>
    compareUtf8(a.name, b.name),
  )
}

export const labelsByName = (labels: readonly Label[]): Labels =>
  new Map(labels.map(({ name, value }) => [name, value]))
