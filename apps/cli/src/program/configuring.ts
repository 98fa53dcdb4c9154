import type { Command } from 'commander'
import type { ConfigApplyOptions } from '../commands/config-apply.ts'
import type { LintCommandOptions } from '../commands/lint.ts'
import type { JsonOptions } from '../context.ts'
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
  const config = program
    .command('config')
    .description('put configurations in force, and look at those that are or were')
  examples(
    json(onLog(config.command('apply')))
      .argument('<file>', 'the configuration')
      .description('check a configuration, say what it changes, and put it in force in two windows')
      .option('--dry-run', 'say what it changes, and leave it')
      .option('--by <name>', 'who applies it')
      .option('--note <text>', 'why'),
    'config apply tidemark.yaml --by ada --note "search is tier 1 now"',
    'config apply tidemark.yaml --dry-run',
  ).action(
    run(async (file: string, options: ConfigApplyOptions) => {
      const { configApply } = await import('../commands/config-apply.ts')
      return configApply(file, options, context)
    }),
  )
  examples(
    json(onLog(config.command('diff')))
      .argument('[before]', 'a file, an id, or "current" (default "current")')
      .argument('[after]', 'a file, an id, or "current" (default "tidemark.yaml")')
      .description(
        'what changes from one configuration to another; exit code 1 where something does',
      ),
    'config diff',
    'config diff current tidemark.yaml --json',
    'config diff 0c8d4fd1 a77f0be2',
  ).action(
    run(async (before: string | undefined, after: string | undefined, options: JsonOptions) => {
      const { configDiff } = await import('../commands/config-diff.ts')
      return configDiff(before, after, options, context)
    }),
  )
  examples(
    json(onLog(config.command('history'))).description(
      'which configuration was in force for which windows, per partition where they differ',
    ),
    'config history',
  ).action(
    run(async (options: JsonOptions) => {
      const { configHistory } = await import('../commands/config-history.ts')
      return configHistory(options, context)
    }),
  )
  examples(
    json(onLog(config.command('show')))
      .argument('<configuration>', 'the beginning of its id, or "current"')
      .description('a configuration as tidemark.yaml, with what has its default'),
    'config show current',
    'config show 0c8d4fd1 --json',
  ).action(
    run(async (name: string, options: JsonOptions) => {
      const { configShow } = await import('../commands/config-show.ts')
      return configShow(name, options, context)
    }),
  )
  const slo = program.commands.find((command) => command.name() === 'slo')
  if (slo === undefined) return
  examples(
    json(slo.command('import'))
      .argument('<file...>', 'documents of OpenSLO v1')
      .description('print OpenSLO as parts of tidemark.yaml, and list what cannot be expressed'),
    'slo import slos/checkout.yaml slos/policies.yaml > imported.yaml',
  ).action(
    run(async (files: readonly string[], _own: unknown, command: Command) => {
      const { sloImport } = await import('../commands/slo-import.ts')
      // The command above has an option of the same name, which takes it.
      return sloImport(files, command.optsWithGlobals(), context)
    }),
  )
  examples(
    json(slo.command('export'))
      .argument('[file]', 'the configuration (default "tidemark.yaml")')
      .description('print the objectives and burn rates of a file as documents of OpenSLO v1'),
    'slo export',
    'slo export tidemark.yaml > openslo.yaml',
  ).action(
    run(async (file: string | undefined, _own: unknown, command: Command) => {
      const { sloExport } = await import('../commands/slo-export.ts')
      return sloExport(file, command.optsWithGlobals(), context)
    }),
  )
}
