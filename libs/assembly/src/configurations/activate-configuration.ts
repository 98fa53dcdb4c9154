import { randomUUID } from 'node:crypto'
import { windowStartOf, type ConfigurationActivated, type Id } from '@tidemark/model'
import type { Connection } from '../connection.ts'
import { factStamps } from '../facts/fact-stamps.ts'
import { publishFacts, type PublishedFact } from '../facts/publish-facts.ts'
import { configurationCatalog } from './configuration-catalog.ts'
import { ConfigurationMissingError } from './store-configuration.ts'

export type ActivationOptions = {
  readonly by: string | null
  readonly note: string | null
  /**
   * Start of a window. Default: two windows ahead of the newest clock, so that every partition has read of it by then and all of them change
   * at the same window.
   */
  readonly effectiveFromUs?: number
}

const windowsAhead = 2

/**
 * Puts a stored configuration in force, by one fact in every partition. ConfigurationMissingError where the catalog does not hold it whole:
 * evaluators would wait for it. After another error, publish the same fact again rather than a new one.
 */
export const activateConfiguration = async (
  { log, layout }: Connection,
  configurationId: Id,
  { by, note, effectiveFromUs }: ActivationOptions,
): Promise<PublishedFact<ConfigurationActivated>> => {
  const fault = await configurationCatalog(log, { waitMs: 0 }).load(configurationId)
  if (fault !== null) throw new ConfigurationMissingError(fault)
  const { windowUs } = layout
  const { newestMs } = await factStamps(log, layout)
  const runningUs = windowStartOf(newestMs * 1000, windowUs)
  const fact: ConfigurationActivated = {
    type: 'ConfigurationActivated',
    id: randomUUID(),
    atUs: newestMs * 1000,
    ...{ by, note, configurationId },
    effectiveFromUs: effectiveFromUs ?? runningUs + windowsAhead * windowUs,
  }
  const [published] = await publishFacts({ log, layout }, [fact])
  return published!
}
