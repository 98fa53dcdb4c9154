import { compareUtf8, defaultServiceFields, type RegisteredService } from '@tidemark/model'
import type { ServiceProfile } from '@tidemark/traffic'

/** Simulated services as a layout registers them, sorted by name: their silence is then an absence. */
export const registeredServices = (
  profiles: readonly ServiceProfile[],
): readonly RegisteredService[] =>
  profiles
    .map(({ service, team }) => ({ ...defaultServiceFields, service, team }))
    .sort((a, b) => compareUtf8(a.service, b.service))
