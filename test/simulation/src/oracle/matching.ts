import type { Label, Matcher, RegisteredService, RuleFields } from '@tidemark/model'
import { byText } from './lists.ts'

/** Labels by name; one that is not there counts as empty. */
export type Labels = Readonly<Record<string, string>>

export const areMatched = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.every(({ label, operator, value }) => {
    const there = labels[label] ?? ''
    switch (operator) {
      case '=':
        return there === value
      case '!=':
        return there !== value
      case '=~':
        return matchesWholly(there, value)
      case '!~':
        return !matchesWholly(there, value)
    }
  })

const matchesWholly = (text: string, pattern: string): boolean =>
  new RegExp(`^(?:${pattern})$`, 'su').test(text)

/** What Alertmanager's syntax says, as far as the tests use it: braces or none, values with quotes. */
export const matchersIn = (text: string): readonly Matcher[] =>
  [...text.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^\s,{}"]*)/g)].map(
    ([, label, operator, value]): Matcher => ({
      label: label!,
      operator: operator as Matcher['operator'],
      value: value!.startsWith('"') ? (JSON.parse(value!) as string) : value!,
    }),
  )

const groupLabels = (registered: RegisteredService | null): Labels => {
  const { team = null, tier = null } = registered ?? {}
  return { ...(team !== null && { team }), ...(tier !== null && { tier }) }
}

/** What rules and maintenance see of a service. */
export const serviceLabels = (service: string, registered: RegisteredService | null): Labels => ({
  service,
  ...groupLabels(registered),
  registered: String(registered !== null),
})

/** What silences and inhibition see of an alert. */
export const alertLabels = (
  rule: RuleFields,
  slo: string | null,
  severity: string,
  service: string,
  registered: RegisteredService | null,
): Labels => ({
  ...Object.fromEntries(rule.labels.map(({ name, value }) => [name, value])),
  ...{ rule: rule.id, alertname: rule.id, service, severity },
  ...groupLabels(registered),
  ...(slo !== null && { slo }),
})

export const labelList = (labels: Labels): readonly Label[] =>
  Object.entries(labels)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => byText(a.name, b.name))
