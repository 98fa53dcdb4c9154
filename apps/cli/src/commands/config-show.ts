import { configurationYaml } from '@tidemark/configuration'
import { configurationId } from '@tidemark/model'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { withLog } from '../open.ts'
import { configurationNamed } from './config-diff.ts'

/** A configuration as tidemark.yaml, with everything that has its default; it lints back to the same id. */
export const configShow = (
  name: string,
  options: JsonOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async (connection) => {
    const configuration = await configurationNamed(connection, name)
    const id = configurationId(configuration)
    if (options.json === true) terminal.out(JSON.stringify({ configurationId: id, configuration }))
    else terminal.out(`# configuration ${id}\n${configurationYaml(configuration).trimEnd()}`)
    return 0
  })
