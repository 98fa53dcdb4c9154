import { exitCodeOf, exitCodes } from '@tidemark/runtime/process'
import { CommanderError } from 'commander'
import type { CommandContext, ExitCode } from './context.ts'
import { programOf } from './program.ts'

/** Runs one command line and gives its exit code. */
export const runCommandLine = async (
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> => {
  let code: ExitCode = exitCodes.ok
  const program = programOf(context, (result) => {
    code = result
  })
  // Sub-commands inherit neither; without it commander ends the process itself.
  for (const command of [program, ...program.commands.flatMap((sub) => [sub, ...sub.commands])])
    command.exitOverride().configureOutput(program.configureOutput())
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.misuse
    context.terminal.err(`tidemark: ${messageOf(error)}`)
    return exitCodeOf(error)
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
