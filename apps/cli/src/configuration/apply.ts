import { activateConfiguration, storeConfiguration, type Connection } from '@tidemark/assembly'
import { configurationDiff, type ConfigurationChange } from '@tidemark/configuration'
import { configurationId, type Configuration, type Id } from '@tidemark/model'
import { currentConfiguration } from './log-configurations.ts'

export type Applied = {
  readonly configurationId: Id
  readonly changes: readonly ConfigurationChange[]
  /** Start of the first window that it is in force for; null: it was in force already, or nothing was to be written. */
  readonly effectiveFromUs: number | null
}

export type ApplyOptions = {
  readonly by: string | null
  readonly note: string | null
  /** Says what would change, and writes nothing. */
  readonly dryRun?: boolean
}

/** Puts a configuration in force in every partition, two windows ahead, unless it is what was activated last. */
export const applyConfiguration = async (
  connection: Connection,
  configuration: Configuration,
  { by, note, dryRun = false }: ApplyOptions,
): Promise<Applied> => {
  const current = await currentConfiguration(connection)
  const id = configurationId(configuration)
  const changes = configurationDiff(current.configuration, configuration)
  const base = { configurationId: id, changes }
  if (id === current.id || dryRun) return { ...base, effectiveFromUs: null }
  await storeConfiguration(connection, configuration)
  const { fact } = await activateConfiguration(connection, id, { by, note })
  return { ...base, effectiveFromUs: fact.effectiveFromUs }
}
