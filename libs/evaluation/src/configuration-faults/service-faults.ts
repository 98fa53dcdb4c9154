import { currencyFault, serviceNameFault, type RegisteredService } from '@tidemark/model'
import {
  anyUs,
  atMost,
  configurationMax,
  faultIf,
  textFaults,
  twiceFaults,
  within,
  type ConfigurationFault,
} from './fault.ts'
import { healthFaults } from './health-faults.ts'

const texts = ['team', 'tier', 'owner', 'runbook', 'documentation', 'incidentResponse'] as const

export const serviceFaults = (
  services: readonly RegisteredService[],
): readonly ConfigurationFault[] => [
  ...atMost(services, configurationMax.services, ['services']),
  ...twiceFaults(
    services.map(({ service }) => service),
    (service) => ['services', service],
  ),
  ...services.flatMap((given) => {
    const { service, budget, skips, health } = given
    const path = ['services', service]
    const nameFault = serviceNameFault(service)
    const currency = budget && currencyFault('currency', budget.currency)
    return [
      ...faultIf(nameFault !== null, path, String(nameFault)),
      ...texts.flatMap((field) => textFaults(given[field], [...path, field])),
      ...faultIf(currency !== null, [...path, 'budget', 'currency'], String(currency)),
      ...(budget === null ? [] : within(budget.amountMinor, anyUs, [...path, 'budget', 'amount'])),
      ...atMost(skips, configurationMax.skips, [...path, 'skip']),
      ...skips.flatMap(({ reason, untilUs }) => [
        ...textFaults(reason, [...path, 'skip']),
        ...within(untilUs, anyUs, [...path, 'skip']),
      ]),
      ...(health === null ? [] : healthFaults(health, [...path, 'thresholds'])),
    ]
  }),
]
