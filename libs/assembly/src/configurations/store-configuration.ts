import { ConfigurationRecordError, configurationRecords } from '@tidemark/codec'
import { configurationFaults } from '@tidemark/evaluation'
import { configurationId, type Configuration, type Id } from '@tidemark/model'
import type { Connection } from '../connection.ts'
import { configurationCatalog } from './configuration-catalog.ts'

/** A configuration that the catalog does not hold whole. */
export class ConfigurationMissingError extends Error {
  readonly code = 'configuration_missing'
  readonly retriable = false
}

/**
 * Stores a configuration in the catalog, unless it is there, and returns its id. Several who store the same at the same time do no harm, nor does
 * one that ends half way: it can be stored again. ConfigurationRecordError where it has not the shape of one, cannot be worked with, or is
 * larger than 16 MB.
 */
export const storeConfiguration = async (
  { log, layout }: Connection,
  configuration: Configuration,
): Promise<Id> => {
  const records = configurationRecords(configuration)
  const faults = configurationFaults(configuration, layout)
  if (faults.length > 0)
    throw new ConfigurationRecordError(
      `configuration: ${faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
    )
  const id = configurationId(configuration)
  const catalog = configurationCatalog(log, { waitMs: 0 })
  if ((await catalog.load(id)) === null) return id
  const publisher = await log.publisher()
  try {
    for (const record of records) await publisher.append('catalog', 0, [record])
  } finally {
    await publisher.close()
  }
  const fault = await catalog.load(id)
  if (fault !== null)
    throw new ConfigurationMissingError(`it was stored, and cannot be read back: ${fault}`)
  return id
}
