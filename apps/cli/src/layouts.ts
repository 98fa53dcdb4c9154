import { defaultLayout, type Layout } from '@tidemark/model'
import { liveServices, registeredServices } from '@tidemark/simulator'
import type { ServiceProfile } from '@tidemark/traffic'

/** For a new folder that simulated traffic flows into: its services are registered, so that their silence is an absence. */
export const liveLayout: Layout = {
  ...defaultLayout,
  configuration: { ...defaultLayout.configuration, services: liveServices },
}

/** The same where producers stamp the records: virtual time. */
export const virtualLayout: Layout = { ...liveLayout, timestamps: 'producer' }

/** The same with the services of a scenario. */
export const scenarioLayout = (services: readonly ServiceProfile[]): Layout => ({
  ...virtualLayout,
  configuration: { ...virtualLayout.configuration, services: registeredServices(services) },
})
