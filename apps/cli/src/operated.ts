import {
  operate,
  operationSettings,
  type Operation,
  type OperationArguments,
  type OperationSettings,
} from '@tidemark/assembly'
import { UsageError, type CommandContext, type ExitCode } from './context.ts'

/** Does the work of a command that runs for long, as its operating options say. */
export const operated = (
  name: string,
  options: OperationArguments,
  { terminal, signal, process }: CommandContext,
  logLevel: OperationSettings['logLevel'],
  work: (operation: Operation) => Promise<void>,
): Promise<ExitCode> => {
  const logFormat = terminal.errIsTerminal ? 'text' : 'json'
  const settings = operationSettings(options, { logLevel, logFormat })
  if (typeof settings === 'string') throw new UsageError(settings)
  const write = (line: string): void => {
    terminal.err(line.trimEnd())
  }
  return operate(name, settings, { process, signal, write }, work)
}
