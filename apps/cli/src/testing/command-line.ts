import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import { runCommandLine } from '../cli.ts'
import { testTerminal } from './terminal.ts'

/** A folder of its own for the tests of a file, gone behind them, and the command line at work in this process. */
export const commandLine = (name: string) => {
  const folder = mkdtempSync(join(tmpdir(), `tidemark-${name}-`))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  return {
    folder,
    /** Writes a file there and returns its path. */
    file: (fileName: string, text: string): string => {
      const path = join(folder, fileName)
      writeFileSync(path, text)
      return path
    },
    run: async (...args: readonly string[]) => {
      const terminal = testTerminal()
      const signal = new AbortController().signal
      const code = await runCommandLine(args, { terminal, signal, process })
      return { code, out: terminal.printed.join('\n'), err: terminal.complained.join('\n') }
    },
  }
}
