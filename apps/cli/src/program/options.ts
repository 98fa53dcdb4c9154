import type { Command } from 'commander'
import type { CommandContext, ExitCode } from '../context.ts'

/** Turns the work of a command into what commander calls; the exit code goes to whoever runs the program. */
export type Run = <Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<ExitCode>,
) => (...args: Args) => Promise<void>
/** Adds commands to the program. */
export type Add = (program: Command, context: CommandContext, run: Run) => void

/** Options that say which log, on every command that needs one. */
export const onLog = (command: Command): Command =>
  command
    .option('--data <folder>', 'the log in this folder (default ".tidemark")')
    .option('--brokers <list>', 'Kafka brokers instead of a folder, HOST:PORT,...')
    .option('--prefix <text>', 'prefix of the topics on Kafka')

/** The same for commands that read or write snapshots. */
export const onStore = (command: Command): Command =>
  onLog(command).option(
    '--store <where>',
    'the snapshots: a file, or postgres://USER@HOST:PORT/DATABASE (default "store.sqlite" in the data folder)',
  )

/** The same for commands that process. */
export const onProcessors = (command: Command): Command =>
  onStore(command)
    .option('--delivery <how>', 'on Kafka: exactly-once (default) or at-least-once')
    .option(
      '--commit-interval <duration>',
      'longest time between two commits while something changes (default: 200ms)',
    )

/** How a command that runs for long shows itself to those who operate it. */
export const operated = (command: Command): Command =>
  command
    .option('--http <address>', 'answer /health, /ready and /metrics on PORT or HOST:PORT')
    .option('--log <format>', 'json or text, on stderr (default: text on a terminal, else json)')
    .option('--log-level <level>', 'debug, info, warn or error')
    .option(
      '--watchdog <duration>',
      'end with 3 when there is something to do and nothing was finished for this long (default: 60s)',
    )

/** Every command that prints something prints JSON as well. */
export const json = (command: Command): Command =>
  command.option('--json', 'print JSON, one object a line')

export const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText(
    'after',
    `\nExamples:\n${lines.map((line) => `  $ tidemark ${line}`).join('\n')}`,
  )

/** Options that choose refused records. */
export const chosen = (command: Command): Command =>
  command
    .option('--reason <reason>', 'only those refused for this reason')
    .option('--topic <topic>', 'only those of this input topic')
    .option('--from <time>', 'only records stamped at or after this moment')
    .option('--to <time>', 'only records stamped before this moment')
