import { matchersText } from '@tidemark/evaluation'
import {
  defaultConfiguration,
  isoOf,
  minorDigits,
  unreachable,
  type BurnWindow,
  type Configuration,
  type HealthThresholds,
  type Matcher,
  type MonthlyBudget,
  type PlannedSilence,
  type RegisteredService,
  type Rule,
  type Slo,
  type Thresholds,
} from '@tidemark/model'
import {
  budgetConditionText,
  scorecardConditionText,
  signalConditionText,
} from './quantity/condition.ts'
import { decimalText } from './quantity/decimal.ts'
import { durationTextOf } from './quantity/duration.ts'
import { periodText } from './quantity/period.ts'
import { ratioText } from './quantity/ratio.ts'
import { statusRangeText } from './quantity/statuses.ts'

/** A value of `tidemark.yaml` as people write it. */
export type FormValue = string | number | boolean | readonly FormValue[] | Form
export type Form = { readonly [key: string]: FormValue }

/** What `tidemark.yaml` says when nothing is left out; reads back as the same configuration. */
export const fileForm = (configuration: Configuration): Form => {
  const { services, slos, rules } = configuration
  return {
    services: Object.fromEntries(services.map((each) => [each.service, serviceForm(each)])),
    slos: [...slos.map(sloForm), ...removed(defaultConfiguration.slos.filter(isGone(slos)))],
    rules: [...rules.map(ruleForm), ...removed(defaultConfiguration.rules.filter(isGone(rules)))],
    thresholds: thresholdsForm(configuration.health),
    signals: {
      horizon: durationTextOf(configuration.horizonUs),
      requests: configuration.requestsMin,
      checks: configuration.checksMin,
    },
    tracking: {
      improveAfter: configuration.improveAfterWindows,
      downFailures: configuration.downFailuresMin,
      staleAfter: durationTextOf(configuration.staleAfterUs),
      absentAfter: durationTextOf(configuration.absentAfterUs),
      forgetAfter: durationTextOf(configuration.forgetAfterUs),
    },
    unregistered: configuration.unregistered,
    limits: { unregistered: configuration.unregisteredMax },
    silences: configuration.silences.map(plannedForm),
    maintenance: configuration.maintenance.map(plannedForm),
    inhibition: configuration.inhibition.map(({ source, target }) => ({
      ...{ source: matchersForm(source), target: matchersForm(target) },
    })),
    escalation: configuration.escalation.map(({ afterUs, severities }) => ({
      ...{ after: durationTextOf(afterUs), severities },
    })),
  }
}

type Named = { readonly id: string; readonly service?: string | null }

/** A default of which there is none for all services any more. */
const isGone =
  (present: readonly Named[]) =>
  ({ id }: Named): boolean =>
    !present.some((each) => each.id === id && (each.service ?? null) === null)

const removed = (gone: readonly Named[]): readonly Form[] =>
  gone.map(({ id }) => ({ id, kind: 'none' }))

/** Without what is null. */
const form = (values: Readonly<Record<string, FormValue | null>>): Form =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, FormValue] => entry[1] !== null),
  )

export const serviceForm = ({ service: _, ...given }: RegisteredService): Form =>
  form({
    team: given.team,
    tier: given.tier,
    owner: given.owner,
    runbook: given.runbook,
    documentation: given.documentation,
    incidentResponse: given.incidentResponse,
    budget: given.budget && {
      amount: amountForm(given.budget),
      currency: given.budget.currency,
    },
    skip: orNull(
      given.skips.map(({ check, reason, untilUs }) => ({ check, reason, until: isoOf(untilUs) })),
    ),
    thresholds: given.health && thresholdsForm(given.health),
  })

/** As a number where that loses nothing, for then it needs no quotes. */
const amountForm = ({ amountMinor, currency }: MonthlyBudget): string | number => {
  const text = decimalText(amountMinor, minorDigits(currency))
  return String(Number(text)) === text ? Number(text) : text
}

const orNull = <T>(items: readonly T[]): readonly T[] | null => (items.length === 0 ? null : items)

const thresholdsForm = ({ degraded, critical, down }: HealthThresholds): Form => ({
  degraded: degradationForm(degraded),
  critical: degradationForm(critical),
  down: {
    availability: ratioText(down.availabilityBelowPpm),
    exit: { availability: ratioText(down.availabilityExitPpm) },
  },
})

const degradationForm = (thresholds: Thresholds): Form => ({
  errorRate: ratioText(thresholds.errorRateAbovePpm),
  p99: durationTextOf(thresholds.p99AboveUs),
  exit: {
    errorRate: ratioText(thresholds.errorRateExitPpm),
    p99: durationTextOf(thresholds.p99ExitUs),
  },
})

export const sloForm = ({ id, service, indicator, targetPpm, period }: Slo): Form =>
  form({
    id,
    kind: indicator.kind,
    service,
    target: ratioText(targetPpm),
    period: periodText(period),
    badStatuses:
      indicator.kind === 'availability' && indicator.badStatuses !== null
        ? indicator.badStatuses.map(statusRangeText)
        : null,
    threshold: 'thresholdUs' in indicator ? durationTextOf(indicator.thresholdUs) : null,
    operations: indicator.kind === 'job-latency' ? indicator.operations : null,
  })

export const ruleForm = (rule: Rule): Form => {
  const { id, kind, match, labels, summary, runbook } = rule
  return form({
    id,
    kind,
    severity: 'severity' in rule ? rule.severity : null,
    ...conditionForm(rule),
    for: rule.forUs === 0 ? null : durationTextOf(rule.forUs),
    keepFiringFor: rule.keepFiringForUs === 0 ? null : durationTextOf(rule.keepFiringForUs),
    match: match.length === 0 ? null : matchersForm(match),
    labels:
      labels.length === 0
        ? null
        : Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    summary,
    runbook,
  })
}

const conditionForm = (rule: Rule): Readonly<Record<string, FormValue | null>> => {
  switch (rule.kind) {
    case 'health':
    case 'absence':
      return {}
    case 'threshold':
      return { when: signalConditionText(rule) }
    case 'burn-rate':
      return {
        slos: rule.slos,
        windows: rule.windows.map(burnWindowForm),
      }
    case 'budget':
      return { slos: rule.slos, when: budgetConditionText(rule.remainingBelowPpm) }
    case 'scorecard':
      return { when: scorecardConditionText(rule.when) }
    default:
      return unreachable(rule)
  }
}

export const burnWindowForm = ({ severity, longUs, shortUs, budgetPpm }: BurnWindow): Form => ({
  ...{ severity, long: durationTextOf(longUs), short: durationTextOf(shortUs) },
  budget: ratioText(budgetPpm),
})

const plannedForm = ({ id, matchers, fromUs, toUs, note }: PlannedSilence): Form =>
  form({ id, matchers: matchersForm(matchers), from: isoOf(fromUs), to: isoOf(toUs), note })

/** Without the braces, which would begin a mapping in YAML. */
const matchersForm = (matchers: readonly Matcher[]): string => matchersText(matchers).slice(1, -1)
