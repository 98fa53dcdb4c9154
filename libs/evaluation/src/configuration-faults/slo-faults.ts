import {
  serviceNameFault,
  unreachable,
  type Configuration,
  type Indicator,
  type Layout,
  type Slo,
  type StatusRange,
} from '@tidemark/model'
import { durationText, ppmText } from '../format.ts'
import {
  atMost,
  configurationMax,
  faultIf,
  idFaults,
  textFaults,
  twiceFaults,
  within,
  type ConfigurationFault,
} from './fault.ts'

/** Names an objective among all: its id, and its service if it is of one. */
export const sloKey = ({ id, service }: Pick<Slo, 'id' | 'service'>): string =>
  service === null ? id : `${id}@${service}`

export const sloFaults = (
  { slos, services }: Configuration,
  { histogram }: Pick<Layout, 'histogram'>,
): readonly ConfigurationFault[] => {
  const known = new Set(services.map(({ service }) => service))
  return [
    ...atMost(slos, configurationMax.slos, ['slos']),
    ...twiceFaults(slos.map(sloKey), (key) => ['slos', key]),
    ...slos.flatMap((slo) => {
      const path = ['slos', sloKey(slo)]
      const { id, service, targetPpm, period, indicator } = slo
      const nameFault = service === null ? null : serviceNameFault(service)
      const isUnknown = service !== null && nameFault === null && !known.has(service)
      return [
        ...idFaults(id, path),
        ...faultIf(nameFault !== null, [...path, 'service'], String(nameFault)),
        ...faultIf(isUnknown, [...path, 'service'], `${String(service)} is not among the services`),
        ...faultIf(
          !(Number.isSafeInteger(targetPpm) && targetPpm > 0 && targetPpm <= 1_000_000),
          [...path, 'target'],
          `${ppmText(targetPpm)} is not above 0% and at most 100%`,
        ),
        ...(period.kind === 'rolling'
          ? within(
              period.days,
              [1, configurationMax.periodDays],
              [...path, 'period'],
              (days) => `${days}d`,
            )
          : []),
        ...indicatorFaults(indicator, histogram.highestUs, path),
      ]
    }),
    ...perServiceFaults(slos),
  ]
}

const indicatorFaults = (
  indicator: Indicator,
  highestUs: number,
  path: readonly string[],
): readonly ConfigurationFault[] => {
  switch (indicator.kind) {
    case 'availability':
      return statusFaults(indicator.badStatuses ?? [], [...path, 'badStatuses'])
    case 'uptime':
      return []
    case 'latency':
      return thresholdFaults(indicator.thresholdUs, highestUs, path)
    case 'job-latency':
      return [
        ...thresholdFaults(indicator.thresholdUs, highestUs, path),
        ...textFaults(indicator.operations, [...path, 'operations']),
      ]
    default:
      return unreachable(indicator)
  }
}

const thresholdFaults = (
  thresholdUs: number,
  highestUs: number,
  path: readonly string[],
): readonly ConfigurationFault[] =>
  faultIf(
    !(Number.isSafeInteger(thresholdUs) && thresholdUs >= 1 && thresholdUs <= highestUs),
    [...path, 'threshold'],
    `${durationText(thresholdUs)} is outside the range of the histogram, 1us to ${durationText(highestUs)}`,
  )

const statusFaults = (
  ranges: readonly StatusRange[],
  path: readonly string[],
): readonly ConfigurationFault[] => [
  ...atMost(ranges, configurationMax.statusRanges, path),
  ...ranges.flatMap(({ from, to }, at) => [
    ...within(from, [0, 999], path),
    ...within(to, [from, 999], path),
    ...faultIf(
      at > 0 && from <= ranges[at - 1]!.to,
      path,
      `${from} is not above the range before, which ends with ${ranges[at - 1]?.to ?? 0}`,
    ),
  ]),
]

/** Those of all services count for each, unless it has one of that id. */
const perServiceFaults = (slos: readonly Slo[]): readonly ConfigurationFault[] => {
  const max = configurationMax.slosPerService
  const common = new Set(slos.filter(({ service }) => service === null).map(({ id }) => id))
  const own = new Map<string, Set<string>>()
  for (const { id, service } of slos)
    if (service !== null) own.set(service, (own.get(service) ?? new Set(common)).add(id))
  const tooMany = (count: number): string => `${count} objectives, at most ${max} are followed`
  return [
    ...faultIf(common.size > max, ['slos'], `${tooMany(common.size)} of a service`),
    ...[...own].flatMap(([service, ids]) =>
      faultIf(
        ids.size > max && common.size <= max,
        ['services', service],
        `${tooMany(ids.size)} of a service`,
      ),
    ),
  ]
}
