export { runCommandLine } from './cli.ts'
export type { CommandContext, ExitCode } from './context.ts'
export type { Terminal } from './terminal.ts'
