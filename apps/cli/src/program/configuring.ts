import type { LintCommandOptions } from '../commands/lint.ts'
import { examples, json, onLog, type Add } from './options.ts'

/** What reads, checks and activates configurations. */
export const addConfiguring: Add = (program, context, run) => {
  examples(
    json(onLog(program.command('lint')))
      .argument('[file]', 'the configuration (default "tidemark.yaml")')
      .description('check a configuration: its form, its sense, and how fast it pages')
      .option('--strict', 'take warnings for errors')
      .option(
        '--hidden-max <number>',
        'services that a silence may hide without a warning (default: 10)',
      ),
    'lint',
    'lint shop.yaml --strict',
    'lint --json --data .tidemark',
  ).action(
    run(async (file: string | undefined, options: LintCommandOptions) => {
      const { lintCommand } = await import('../commands/lint.ts')
      return lintCommand(file, options, context)
    }),
  )
}
