import { runCommandLine, type ExitCode } from '@tidemark/cli'

export type Ran = {
  readonly code: ExitCode
  readonly printed: readonly string[]
  readonly complained: readonly string[]
}

/** Runs one command line where there is no terminal. */
export const tidemark = async (...args: readonly string[]): Promise<Ran> => {
  const printed: string[] = []
  const complained: string[] = []
  const terminal = {
    out: (text: string) => void printed.push(text),
    err: (text: string) => void complained.push(text),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: () => 80,
    rows: () => 24,
    colours: false,
    unicode: false,
    stdin: (async function* () {
      // Ends at once.
    })(),
  }
  const signal = new AbortController().signal
  const code = await runCommandLine(args, { terminal, signal, process })
  return { code, printed, complained }
}
