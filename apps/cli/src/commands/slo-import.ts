import { importOpenSlo, yamlText } from '@tidemark/configuration'
import { bytesOf } from '../configuration/configuration-file.ts'
import { counted } from '../counted.ts'
import type { CommandContext, ExitCode } from '../context.ts'

export type SloImportOptions = { readonly json?: boolean }

/** Documents of OpenSLO as parts of tidemark.yaml; what cannot be expressed goes to standard error. */
export const sloImport = async (
  files: readonly string[],
  options: SloImportOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> => {
  const read = await Promise.all(files.map(async (name) => ({ name, bytes: await bytesOf(name) })))
  const { fragment, faults, notes } = importOpenSlo(read)
  if (options.json === true) terminal.out(JSON.stringify({ ...fragment, faults, notes }))
  else {
    for (const line of [...faults, ...notes]) terminal.err(line)
    const parts = Object.entries(fragment).filter(([, part]) => Object.keys(part).length > 0)
    if (parts.length > 0) terminal.out(yamlText(Object.fromEntries(parts)).trimEnd())
    const counts = [
      counted(Object.keys(fragment.services).length, 'service'),
      counted(fragment.slos.length, 'objective'),
      counted(fragment.rules.length, 'rule'),
    ]
    terminal.err(`imported ${counts.join(', ')}; ${counted(notes.length, 'thing')} to look at`)
  }
  return faults.length > 0 || fragment.slos.length === 0 ? 1 : 0
}
