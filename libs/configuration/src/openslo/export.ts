import { burnFactor } from '@tidemark/evaluation'
import {
  unreachable,
  type Configuration,
  type Indicator,
  type RegisteredService,
  type Rule,
  type Slo,
} from '@tidemark/model'
import { burnWindowForm, type Form, type FormValue } from '../file-form.ts'
import { periodUsOf } from '../lint/budget-findings.ts'
import { sloIsOf, sloName } from '../lint/slo-name.ts'
import { decimalText } from '../quantity/decimal.ts'
import { durationTextOf } from '../quantity/duration.ts'
import { statusRangeText } from '../quantity/statuses.ts'
import { yamlLine } from '../yaml-text.ts'
import { annotation, apiVersion, everyService } from './annotations.ts'
import { namesGiver } from './names.ts'

export type OpenSloExport = {
  readonly documents: readonly Form[]
  /** What the documents cannot say, one sentence each. */
  readonly notes: readonly string[]
}

type BurnRule = Extract<Rule, { readonly kind: 'burn-rate' }>

/** Services, objectives and burn-rate rules as documents of OpenSLO v1; importing them gives the same objectives. */
export const exportOpenSlo = (configuration: Configuration): OpenSloExport => {
  const { services, slos, rules } = configuration
  const burnRules = rules.filter((rule) => rule.kind === 'burn-rate')
  const nameOf = namesGiver()
  const serviceNames = new Map(services.map(({ service }) => [service, nameOf(service)]))
  const everyName = nameOf(everyService)
  const policyNames = new Map(burnRules.map(({ id }) => [id, nameOf(id)]))
  const isCommon = slos.some(({ service }) => service === null)
  return {
    documents: [
      ...services.map((service) => serviceDocument(service, serviceNames.get(service.service)!)),
      ...(isCommon
        ? [
            documentOf(
              'Service',
              everyName,
              everyService,
              { [annotation.every]: 'true' },
              {
                description: 'Every registered service that has no objective of the same name.',
              },
            ),
          ]
        : []),
      ...burnRules.map((rule) => policyDocument(rule, policyNames.get(rule.id)!, slos)),
      ...slos.map((slo) =>
        sloDocument(slo, {
          name: nameOf(slo.service ?? 'every', slo.id),
          service:
            slo.service === null ? everyName : (serviceNames.get(slo.service) ?? slo.service),
          policies: burnRules.flatMap((rule) =>
            sloIsOf(rule)(slo) ? [policyNames.get(rule.id)!] : [],
          ),
        }),
      ),
    ],
    notes: notesOf(configuration),
  }
}

const notesOf = ({ slos, rules }: Configuration): readonly string[] => [
  ...slos
    .filter(({ targetPpm }) => targetPpm >= 1_000_000)
    .map((slo) => `${sloName(slo)}: OpenSLO takes targets below 100% only`),
  ...rules
    .filter(({ kind }) => kind !== 'burn-rate')
    .map(({ id, kind }) => `rule ${id}: OpenSLO has no alert of the kind ${kind}`),
  ...rules
    .filter(({ kind }) => kind === 'burn-rate')
    .map(
      ({ id }) =>
        `rule ${id}: a condition has one window; all pairs stand in ${annotation.windows}`,
    ),
  ...rules
    .filter(({ kind, match, labels }) => kind === 'burn-rate' && match.length + labels.length > 0)
    .map(({ id }) => `rule ${id}: OpenSLO has no match and no labels`),
]

const documentOf = (
  kind: string,
  name: string,
  displayName: string,
  annotations: Form,
  spec: Form,
): Form => ({
  ...{ apiVersion, kind },
  metadata: {
    name,
    ...(displayName === name ? {} : { displayName }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  },
  spec,
})

const serviceFields = [
  'team',
  'tier',
  'owner',
  'runbook',
  'documentation',
  'incidentResponse',
] as const

const serviceDocument = (given: RegisteredService, name: string): Form => {
  const fields = serviceFields.flatMap((field) => {
    const value = given[field]
    return value === null ? [] : [[`${annotation.fields}${field}`, value] as const]
  })
  const own = name === given.service ? [] : [[annotation.service, given.service] as const]
  return documentOf('Service', name, given.service, Object.fromEntries([...own, ...fields]), {})
}

type SloPlace = {
  readonly name: string
  readonly service: string
  readonly policies: readonly string[]
}

const sloDocument = (slo: Slo, { name, service, policies }: SloPlace): Form => {
  const { indicator, period, targetPpm } = slo
  const annotations: Form = {
    [annotation.id]: slo.id,
    [annotation.kind]: indicator.kind,
    ...(slo.service === null
      ? { [annotation.every]: 'true' }
      : { [annotation.service]: slo.service }),
    ...(indicator.kind === 'availability' && indicator.badStatuses !== null
      ? { [annotation.badStatuses]: indicator.badStatuses.map(statusRangeText).join(', ') }
      : {}),
    ...(indicator.kind === 'job-latency' ? { [annotation.operations]: indicator.operations } : {}),
  }
  return documentOf('SLO', name, sloName(slo), annotations, {
    service,
    indicator: { metadata: { name: name }, spec: indicatorSpec(indicator) },
    timeWindow: [
      period.kind === 'rolling'
        ? { duration: `${period.days}d`, isRolling: true }
        : {
            ...{ duration: '1M', isRolling: false },
            calendar: { startTime: '2020-01-01 00:00:00', timeZone: 'UTC' },
          },
    ],
    budgetingMethod: 'Occurrences',
    objectives: [
      {
        displayName: slo.id,
        ...('thresholdUs' in indicator
          ? { op: 'lte', value: numberOf(decimalText(indicator.thresholdUs, 3)) }
          : {}),
        target: numberOf(decimalText(targetPpm, 6)),
      },
    ],
    ...(policies.length === 0
      ? {}
      : { alertPolicies: policies.map((policy) => ({ alertPolicyRef: policy })) }),
  })
}

/** A number where its text is JavaScript's, so that it needs no quotes. */
const numberOf = (text: string): FormValue => (String(Number(text)) === text ? Number(text) : text)

const source = (spec: Form): Form => ({ metricSource: { type: 'Tidemark', spec } })

const indicatorSpec = (indicator: Indicator): Form => {
  switch (indicator.kind) {
    case 'availability':
      return {
        ratioMetric: {
          counter: true,
          good: source({ topic: 'requests', count: 'good' }),
          total: source({ topic: 'requests', count: 'all' }),
        },
      }
    case 'uptime':
      return {
        ratioMetric: {
          counter: true,
          good: source({ topic: 'health-checks', count: 'passed' }),
          total: source({ topic: 'health-checks', count: 'all' }),
        },
      }
    case 'latency':
    case 'job-latency':
      return { thresholdMetric: source({ topic: 'requests', signal: 'latency', unit: 'ms' }) }
    default:
      return unreachable(indicator)
  }
}

/** The portable condition is the pair that pages first: its long window, and its factor for a period of the first objective. */
const policyDocument = (rule: BurnRule, name: string, slos: readonly Slo[]): Form => {
  const [first] = rule.windows
  const [slo] = slos.filter(sloIsOf(rule))
  const periodUs = slo === undefined ? 30 * 86_400_000_000 : periodUsOf(slo)
  const annotations: Form = {
    ...(name === rule.id ? {} : { [annotation.id]: rule.id }),
    ...(rule.slos === null ? { [annotation.every]: 'true' } : {}),
    [annotation.windows]: yamlLine(rule.windows.map(burnWindowForm)),
  }
  const { part, whole } =
    first === undefined ? { part: 1n, whole: 1n } : burnFactor(first, periodUs)
  const thresholdText = decimalText(Number((part * 10_000n) / whole), 4)
  return documentOf('AlertPolicy', name, rule.id, annotations, {
    alertWhenBreaching: true,
    alertWhenResolved: true,
    alertWhenNoData: false,
    conditions:
      first === undefined
        ? []
        : [
            {
              kind: 'AlertCondition',
              metadata: { name: name },
              spec: {
                severity: first.severity,
                condition: {
                  kind: 'burnrate',
                  op: 'gte',
                  threshold: numberOf(thresholdText),
                  lookbackWindow: spanText(first.longUs),
                  alertAfter: spanText(rule.forUs),
                },
              },
            },
          ],
    notificationTargets: [],
  })
}

/** As OpenSLO writes durations, where it can: whole days, hours or minutes. */
const spanText = (us: number): string => {
  if (us === 0) return '0m'
  for (const [unit, sizeUs] of [
    ['d', 86_400_000_000],
    ['h', 3_600_000_000],
    ['m', 60_000_000],
  ] as const)
    if (us % sizeUs === 0) return `${us / sizeUs}${unit}`
  return durationTextOf(us)
}
