import {
  compareUtf8,
  defaultBurnWindows,
  defaultConfiguration,
  unreachable,
  type Configuration,
  type HealthThresholds,
  type Indicator,
  type PlannedSilence,
  type RegisteredService,
  type Rule,
  type RuleFields,
  type Slo,
} from '@tidemark/model'
import type { ConfigurationFile } from './schema/file.ts'

/**
 * The configuration that a file stands for: what it leaves out has its default. Objectives and rules are added behind the default ones, and
 * one with the id of a default takes its place; inhibition and escalation replace the default ones.
 */
export const configurationOf = (file: ConfigurationFile): Configuration => {
  const { signals = {}, tracking = {} } = file
  const fallback = defaultConfiguration
  const health = thresholdsOf(file.thresholds, fallback.health)
  return {
    horizonUs: signals.horizon ?? fallback.horizonUs,
    requestsMin: signals.requests ?? fallback.requestsMin,
    checksMin: signals.checks ?? fallback.checksMin,
    health,
    improveAfterWindows: tracking.improveAfter ?? fallback.improveAfterWindows,
    downFailuresMin: tracking.downFailures ?? fallback.downFailuresMin,
    staleAfterUs: tracking.staleAfter ?? fallback.staleAfterUs,
    absentAfterUs: tracking.absentAfter ?? fallback.absentAfterUs,
    forgetAfterUs: tracking.forgetAfter ?? fallback.forgetAfterUs,
    unregistered: file.unregistered ?? fallback.unregistered,
    unregisteredMax: file.limits?.unregistered ?? fallback.unregisteredMax,
    services: servicesOf(file.services ?? {}, health),
    slos: slosOf(file.slos ?? []),
    rules: rulesOf(file.rules ?? []),
    silences: (file.silences ?? []).map(plannedOf),
    maintenance: (file.maintenance ?? []).map(plannedOf),
    inhibition: file.inhibition ?? fallback.inhibition,
    escalation:
      file.escalation?.map(({ after, severities }) => ({ afterUs: after, severities })) ??
      fallback.escalation,
  }
}

const servicesOf = (
  services: NonNullable<ConfigurationFile['services']>,
  health: HealthThresholds,
): readonly RegisteredService[] =>
  Object.entries(services)
    .map(([service, given]): RegisteredService => ({
      service,
      team: given.team ?? null,
      tier: given.tier ?? null,
      owner: given.owner ?? null,
      runbook: given.runbook ?? null,
      documentation: given.documentation ?? null,
      incidentResponse: given.incidentResponse ?? null,
      budget: given.budget ?? null,
      skips: (given.skip ?? []).map(({ check, reason, until }) => ({
        check,
        reason,
        untilUs: until,
      })),
      health: given.thresholds === undefined ? null : thresholdsOf(given.thresholds, health),
    }))
    .sort((a, b) => compareUtf8(a.service, b.service))

const thresholdsOf = (
  given: ConfigurationFile['thresholds'],
  fallback: HealthThresholds,
): HealthThresholds => {
  const degradation = (name: 'degraded' | 'critical'): HealthThresholds['degraded'] => {
    const { errorRate, p99, exit = {} } = given?.[name] ?? {}
    return {
      errorRateAbovePpm: errorRate ?? fallback[name].errorRateAbovePpm,
      p99AboveUs: p99 ?? fallback[name].p99AboveUs,
      errorRateExitPpm: exit.errorRate ?? fallback[name].errorRateExitPpm,
      p99ExitUs: exit.p99 ?? fallback[name].p99ExitUs,
    }
  }
  const { availability, exit = {} } = given?.down ?? {}
  return {
    degraded: degradation('degraded'),
    critical: degradation('critical'),
    down: {
      availabilityBelowPpm: availability ?? fallback.down.availabilityBelowPpm,
      availabilityExitPpm: exit.availability ?? fallback.down.availabilityExitPpm,
    },
  }
}

type FileSlo = NonNullable<ConfigurationFile['slos']>[number]

const slosOf = (given: readonly FileSlo[]): readonly Slo[] => {
  // One for a single service does not take the place of the one for all the others.
  const replaced = new Set(
    given.filter((slo) => slo.kind === 'none' || slo.service === undefined).map(({ id }) => id),
  )
  return [
    ...defaultConfiguration.slos.filter(({ id }) => !replaced.has(id)),
    ...given.flatMap((slo): readonly Slo[] => {
      if (slo.kind === 'none') return []
      const { id, service = null, target, period = { kind: 'rolling', days: 30 } } = slo
      return [{ id, service, indicator: indicatorOf(slo), targetPpm: target, period }]
    }),
  ]
}

const indicatorOf = (slo: Exclude<FileSlo, { readonly kind: 'none' }>): Indicator => {
  switch (slo.kind) {
    case 'availability':
      return { kind: 'availability', badStatuses: slo.badStatuses ?? null }
    case 'latency':
      return { kind: 'latency', thresholdUs: slo.threshold }
    case 'uptime':
      return { kind: 'uptime' }
    case 'job-latency':
      return { kind: 'job-latency', thresholdUs: slo.threshold, operations: slo.operations }
    default:
      return unreachable(slo)
  }
}

type FileRule = NonNullable<ConfigurationFile['rules']>[number]

const rulesOf = (given: readonly FileRule[]): readonly Rule[] => {
  const replaced = new Set(given.map(({ id }) => id))
  return [
    ...defaultConfiguration.rules.filter(({ id }) => !replaced.has(id)),
    ...given.flatMap((rule) => (rule.kind === 'none' ? [] : [ruleOf(rule)])),
  ]
}

const ruleOf = (rule: Exclude<FileRule, { readonly kind: 'none' }>): Rule => {
  const fields: RuleFields = {
    id: rule.id,
    match: rule.match ?? [],
    labels: Object.entries(rule.labels ?? {})
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => compareUtf8(a.name, b.name)),
    summary: rule.summary ?? null,
    runbook: rule.runbook ?? null,
    forUs: rule.for ?? 0,
    keepFiringForUs: rule.keepFiringFor ?? 0,
  }
  switch (rule.kind) {
    case 'health':
      return { ...fields, kind: 'health' }
    case 'threshold':
      return { ...fields, kind: 'threshold', severity: rule.severity, ...rule.when }
    case 'absence':
      return { ...fields, kind: 'absence', severity: rule.severity }
    case 'burn-rate': {
      const windows = rule.windows?.map(({ severity, long, short, budget }) => ({
        ...{ severity, longUs: long, shortUs: short, budgetPpm: budget },
      }))
      const slos = rule.slos ?? null
      return { ...fields, kind: 'burn-rate', slos, windows: windows ?? defaultBurnWindows }
    }
    case 'budget': {
      const { severity, slos = null, when } = rule
      return { ...fields, kind: 'budget', severity, slos, remainingBelowPpm: when }
    }
    case 'scorecard':
      return { ...fields, kind: 'scorecard', severity: rule.severity, when: rule.when }
    default:
      return unreachable(rule)
  }
}

const plannedOf = (given: NonNullable<ConfigurationFile['silences']>[number]): PlannedSilence => ({
  ...{ id: given.id, matchers: given.matchers, note: given.note ?? null },
  ...{ fromUs: given.from, toUs: given.to },
})
