import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '../../..')
/** The command line's program. */
export const main = join(repository, 'apps/cli/src/main.ts')

export type Outcome = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The command line as a user runs it, in a process of its own. */
export const startTidemark = (
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [main, ...args], { cwd: folder, env: { ...process.env, ...env } })

export const ended = (child: ChildProcessWithoutNullStreams): Promise<Outcome> => {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ code, stdout, stderr })
    })
  })
}

export const tidemark = (
  folder: string,
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> => {
  const child = startTidemark(folder, args, options.env)
  child.stdin.end(options.stdin ?? '')
  return ended(child)
}

/** Lines of JSON. */
export const jsonLines = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

export type LogLine = {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly name: string
  readonly run: string
  readonly message?: string
  readonly [field: string]: unknown
}

/** What a process logged that somebody should look at; throws on what is no log line. */
export const complaintsIn = (stderr: string): LogLine[] =>
  jsonLines<LogLine>(stderr).filter(({ level }) => level === 'warn' || level === 'error')

/** The same apart from what is waited for: a broker that has just started says for a while that it is not there yet. */
export const seriousComplaintsIn = (stderr: string): LogLine[] =>
  complaintsIn(stderr).filter(({ level, event }) => level === 'error' || event !== 'log.trouble')

/** A folder that is gone after the test file. */
export const temporaryFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'tidemark-'))
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true })
    },
  }
}
