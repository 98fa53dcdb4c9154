import { compareUtf8, defaultLayout, type Configuration, type Layout } from '@tidemark/model'
import { liveServices, registeredServices } from '@tidemark/simulator'
import type { ServiceProfile } from '@tidemark/traffic'

/** For a new folder that simulated traffic flows into: its services are registered, so that their silence is an absence. */
export const liveLayout: Layout = {
  ...defaultLayout,
  configuration: { ...defaultLayout.configuration, services: liveServices },
}

/** The same where producers stamp the records: virtual time. */
export const virtualLayout: Layout = { ...liveLayout, timestamps: 'producer' }

/** The same with the services of a scenario, under a configuration; what that says of a service of the same name counts. */
export const scenarioLayout = (
  services: readonly ServiceProfile[],
  configuration: Configuration = defaultLayout.configuration,
): Layout => {
  const named = new Set(configuration.services.map(({ service }) => service))
  const more = registeredServices(services).filter(({ service }) => !named.has(service))
  const all = [...configuration.services, ...more]
  return {
    ...virtualLayout,
    configuration: {
      ...configuration,
      services: all.sort((a, b) => compareUtf8(a.service, b.service)),
    },
  }
}
