import { Command } from 'commander'
import type { CommandContext, ExitCode } from './context.ts'
import { addConfiguring } from './program/configuring.ts'
import { addFacts } from './program/facts.ts'
import { addPublishing } from './program/publishing.ts'
import { addReading } from './program/reading.ts'
import { addRunning } from './program/running.ts'
import { addScoring } from './program/scoring.ts'
import { addStore } from './program/store.ts'
import { addTopics } from './program/topics.ts'

// Commands are loaded when they run: `--help` should not wait for SQLite, Avro and Kafka.

/** The command line; `done` gets the exit code of the command that ran. */
export const programOf = (context: CommandContext, done: (code: ExitCode) => void): Command => {
  const program = new Command('tidemark')
    .description('Service health you can replay.')
    .showHelpAfterError('(add --help for what is allowed)')
    .configureOutput({
      writeOut: (text) => {
        context.terminal.out(text.trimEnd())
      },
      writeErr: (text) => {
        context.terminal.err(text.trimEnd())
      },
    })
  const run =
    <Args extends readonly unknown[]>(work: (...args: Args) => Promise<ExitCode>) =>
    async (...args: Args): Promise<void> => {
      done(await work(...args))
    }
  addRunning(program, context, run)
  addPublishing(program, context, run)
  addReading(program, context, run)
  addFacts(program, context, run)
  addScoring(program, context, run)
  addTopics(program, context, run)
  addStore(program, context, run)
  addConfiguring(program, context, run)
  return program
}
