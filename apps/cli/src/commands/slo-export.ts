import { exportOpenSlo, yamlText } from '@tidemark/configuration'
import { defaultLayout } from '@tidemark/model'
import {
  defaultFile,
  loadConfigurationFile,
  soundConfiguration,
} from '../configuration/configuration-file.ts'
import type { CommandContext, ExitCode } from '../context.ts'

export type SloExportOptions = { readonly json?: boolean }

/** Services, objectives and burn rates of a file as documents of OpenSLO; what they cannot say goes to standard error. */
export const sloExport = async (
  file: string | undefined,
  options: SloExportOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> => {
  const loaded = await loadConfigurationFile(file ?? defaultFile, { layout: defaultLayout })
  const { documents, notes } = exportOpenSlo(soundConfiguration(loaded))
  for (const note of notes) terminal.err(note)
  for (const document of documents)
    terminal.out(
      options.json === true ? JSON.stringify(document) : `---\n${yamlText(document).trimEnd()}`,
    )
  return 0
}
