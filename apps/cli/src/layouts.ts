import { defaultLayout, type Layout } from '@tidemark/model'
import { liveServices } from '@tidemark/simulator'

/** For a new folder that simulated traffic flows into: its services are registered, so that their silence is an absence. */
export const liveLayout: Layout = {
  ...defaultLayout,
  configuration: { ...defaultLayout.configuration, services: liveServices },
}

/** The same where producers stamp the records: virtual time. */
export const virtualLayout: Layout = { ...liveLayout, timestamps: 'producer' }
