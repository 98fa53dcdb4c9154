import {
  canonicalJson,
  contentId,
  type AlertCondition,
  type Configuration,
  type Id,
  type Rule,
} from '@tidemark/model'
import type { AlertTiming } from './condition.ts'
import type { Labels } from './labels.ts'
import { matcherOf } from './matchers.ts'
import { parseTemplate, type Template } from './template.ts'

/** A rule with what follows from it alone, made ready once for all services and windows. */
export type PreparedRule = {
  readonly rule: Rule
  readonly ruleId: Id
  readonly timing: AlertTiming
  readonly condition: AlertCondition | null
  /** Null: the rule's own words. */
  readonly template: Template | null
  readonly matches: (labels: Labels) => boolean
}

/** What one rule may tell of one service, or of one of its objectives. */
export type AlertSubject = {
  /** Unique within its service. */
  readonly key: string
  readonly prepared: PreparedRule
  readonly slo: string | null
}

export const prepareRules = ({ rules }: Pick<Configuration, 'rules'>): readonly PreparedRule[] =>
  rules.map((rule) => ({
    rule,
    ruleId: contentId(canonicalJson(rule)),
    timing: { forUs: rule.forUs, keepFiringForUs: rule.keepFiringForUs },
    condition: rule.kind === 'threshold' ? conditionOf(rule) : null,
    template: rule.summary === null ? null : parseTemplate(rule.summary),
    matches: matcherOf(rule.match),
  }))

/**
 * The alerts that a service can have, in the order of the configuration: of the rules that match it, for rules about objectives one for
 * each of its `slos`. Silence is judged only where the service is expected.
 */
export const alertSubjectsOf = (
  rules: readonly PreparedRule[],
  labels: Labels,
  slos: readonly string[],
  isExpected: boolean,
): readonly AlertSubject[] =>
  rules
    .filter(({ rule, matches }) => (isExpected || rule.kind !== 'absence') && matches(labels))
    .flatMap((prepared) => subjectsOf(prepared, slos))

const subjectsOf = (prepared: PreparedRule, slos: readonly string[]): readonly AlertSubject[] => {
  const { rule } = prepared
  if (rule.kind !== 'burn-rate' && rule.kind !== 'budget')
    return [{ key: rule.id, prepared, slo: null }]
  return slos
    .filter((slo) => rule.slos === null || rule.slos.includes(slo))
    .map((slo) => ({ key: canonicalJson([rule.id, slo]), prepared, slo }))
}

const conditionOf = ({
  signal,
  operator,
  value,
  forUs,
}: Extract<Rule, { readonly kind: 'threshold' }>): AlertCondition => ({
  signal,
  operator,
  value,
  forUs,
})
