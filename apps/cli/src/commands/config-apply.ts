import { configurationId, isoOf } from '@tidemark/model'
import { applyConfiguration } from '../configuration/apply.ts'
import { faultLines, loadConfigurationFile } from '../configuration/configuration-file.ts'
import { changeLines } from '../configuration/diff-text.ts'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { withLog } from '../open.ts'

export type ConfigApplyOptions = JsonOptions & {
  readonly by?: string
  readonly note?: string
  readonly dryRun?: boolean
}

/** Lints a file, says what it changes, and puts it in force from two windows ahead on. */
export const configApply = (
  file: string,
  options: ConfigApplyOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async (connection) => {
    const loaded = await loadConfigurationFile(file, connection)
    for (const line of faultLines(loaded)) terminal.err(line)
    const { configuration } = loaded
    if (configuration === null) {
      terminal.err(`${file}: not applied; what is in force stays`)
      return 1
    }
    const { by = null, note = null, dryRun = false } = options
    const applied = await applyConfiguration(connection, configuration, { by, note, dryRun })
    const { effectiveFromUs, changes } = applied
    if (options.json === true) {
      const from = effectiveFromUs === null ? null : isoOf(effectiveFromUs)
      terminal.out(
        JSON.stringify({ ...applied, effectiveFromUs: undefined, effectiveFrom: from, dryRun }),
      )
      return 0
    }
    for (const line of changeLines(changes)) terminal.out(line)
    const id = configurationId(configuration)
    if (changes.length === 0)
      terminal.out(`configuration ${id} is in force already: nothing changes`)
    else if (effectiveFromUs === null) terminal.out(`configuration ${id} would be applied`)
    else
      terminal.out(
        `configuration ${id} is in force for windows from ${isoOf(effectiveFromUs)} on, in ${connection.layout.partitions} partitions`,
      )
    return 0
  })
