import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { profileOptions } from './profile.ts'
import type { Run } from './row.ts'

export type OwnProcess = {
  /** A file, as a row names it ('../processes/replaying.ts'), whose last line of output is a JSON object of numbers. */
  readonly script: string
  readonly args?: readonly string[]
  readonly nodeOptions?: readonly string[]
  readonly msMax?: number
}

const usualMsMax = 10 * 60_000

/** Runs a script in a process of its own, where neither warm code nor memory of other repetitions is in the way. */
export const ownProcess = ({
  script,
  args = [],
  nodeOptions = [],
  msMax = usualMsMax,
}: OwnProcess): Promise<Run> =>
  lastLineOf(
    process.execPath,
    [...nodeOptions, ...profileOptions(script), join(import.meta.dirname, script), ...args],
    msMax,
  )

/** The last line that a program writes, as numbers; its errors go to ours. */
export const lastLineOf = (
  program: string,
  args: readonly string[],
  msMax: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...{ env, stdio: ['ignore', 'pipe', 'inherit'], timeout: msMax, killSignal: 'SIGKILL' },
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const text = Buffer.concat(chunks).toString('utf8').trim()
      const line = text.slice(text.lastIndexOf('\n') + 1)
      const said = (what: string): Error => new Error(`${program} ${args.join(' ')} ${what}`)
      if (code !== 0) reject(said(`ended with ${code ?? signal}`))
      else if (!line.startsWith('{')) reject(said(`wrote ${line} where numbers were expected`))
      else resolve(JSON.parse(line) as Run)
    })
  })
