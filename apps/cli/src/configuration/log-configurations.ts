import {
  configurationCatalog,
  configurationHistory,
  type ConfigurationActivation,
  type Connection,
} from '@tidemark/assembly'
import { configurationId, type Configuration, type Id } from '@tidemark/model'
import { UsageError } from '../context.ts'

/** The configuration that was activated last, in every partition. */
export type CurrentConfiguration = {
  readonly id: Id
  readonly configuration: Configuration
}

/** UsageError where partitions differ: an activation is only half written. */
export const currentConfiguration = async ({
  log,
  layout,
}: Connection): Promise<CurrentConfiguration> => {
  const ids = currentIds(await configurationHistory(log), layout.partitions)
  const first = ids[0] ?? configurationId(layout.configuration)
  const other = ids.findIndex((id) => id !== ids[0])
  if (other >= 0)
    throw new UsageError(
      `partition 0 has configuration ${first}, partition ${other} has ${ids[other] ?? 'that of the layout'}: an activation was not finished; run "tidemark config apply" again`,
    )
  return { id: first, configuration: await configurationOf({ log, layout }, first) }
}

/** Of each partition the one that was activated last; null: none was. */
export const currentIds = (
  history: readonly ConfigurationActivation[],
  partitions: number,
): readonly (Id | null)[] =>
  Array.from(
    { length: partitions },
    (_, partition) =>
      history.findLast((activation) => activation.partition === partition)?.configurationId ?? null,
  )

/** A configuration of the catalog. UsageError where it is not there whole. */
export const configurationOf = async ({ log }: Connection, id: Id): Promise<Configuration> => {
  const catalog = configurationCatalog(log, { waitMs: 0 })
  const fault = await catalog.load(id)
  const configuration = catalog.get(id)
  if (configuration === null) throw new UsageError(fault ?? `configuration ${id} is not there`)
  return configuration
}

const prefixMin = 4

/** The one configuration of the catalog whose id begins so. */
export const idOfPrefix = async ({ log }: Connection, prefix: string): Promise<Id> => {
  const ids = await configurationCatalog(log, { waitMs: 0 }).ids()
  const matching = ids.filter((id) => id.startsWith(prefix))
  const [id] = matching
  if (prefix.length >= prefixMin && id !== undefined && matching.length === 1) return id
  throw new UsageError(
    matching.length > 1 || prefix.length < prefixMin
      ? `${JSON.stringify(prefix)} begins ${matching.length} configurations: give more of its id`
      : `${JSON.stringify(prefix)} is no configuration of the catalog, which holds ${ids.slice(-10).join(', ')}`,
  )
}
