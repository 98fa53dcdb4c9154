import { existsSync } from 'node:fs'
import { configurationDiff } from '@tidemark/configuration'
import type { Connection } from '@tidemark/assembly'
import { configurationId, type Configuration } from '@tidemark/model'
import {
  defaultFile,
  loadConfigurationFile,
  soundConfiguration,
} from '../configuration/configuration-file.ts'
import { changeLines } from '../configuration/diff-text.ts'
import {
  configurationOf,
  currentConfiguration,
  idOfPrefix,
} from '../configuration/log-configurations.ts'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { withLog } from '../open.ts'

/** What changes from one configuration to another; exit code 1 where something does, as with diff. */
export const configDiff = (
  before: string | undefined,
  after: string | undefined,
  options: JsonOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async (connection) => {
    const [a, b] = [
      await configurationNamed(connection, before ?? 'current'),
      await configurationNamed(connection, after ?? defaultFile),
    ]
    const changes = configurationDiff(a, b)
    if (options.json === true)
      terminal.out(
        JSON.stringify({ before: configurationId(a), after: configurationId(b), changes }),
      )
    else for (const line of changeLines(changes)) terminal.out(line)
    return changes.length === 0 ? 0 : 1
  })

/** `current`, a file, or the beginning of an id in the catalog. */
export const configurationNamed = async (
  connection: Connection,
  name: string,
): Promise<Configuration> => {
  if (name === 'current') return (await currentConfiguration(connection)).configuration
  if (existsSync(name)) return soundConfiguration(await loadConfigurationFile(name, connection))
  return configurationOf(connection, await idOfPrefix(connection, name))
}
