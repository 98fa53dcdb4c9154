import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '..', '..', '..')

const readme = readFileSync(join(repository, 'libs', 'client', 'README.md'), 'utf8')

/** The examples of the client's README by the file names that their fences give. */
const examples = new Map(
  [...readme.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [name!, code!]),
)

export type Examples = {
  readonly folder: string
  readonly run: (command: string, ...args: readonly string[]) => Running
  readonly remove: () => void
}

export type Running = {
  /** Resolves with the output when the example has ended with code 0. */
  readonly ended: Promise<string>
  /** Resolves when so many lines were printed. */
  readonly printed: (lines: number) => Promise<void>
  readonly terminate: () => void
}

/** The examples in a folder inside the workspace, where its packages are found, with `log.ts` and addresses as given. */
export const examplesIn = (
  log: 'log-embedded.ts' | 'log-kafka.ts',
  replaced: Readonly<Record<string, string>>,
): Examples => {
  const parent = join(repository, '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'readme-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [name, code] of examples) {
    let text = code
    for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to)
    if (!name.startsWith('log-')) writeFileSync(join(folder, name), text)
    else if (name === log) writeFileSync(join(folder, 'log.ts'), text)
  }
  return {
    folder,
    run: (command, ...args) => run(folder, command, args),
    remove: () => {
      rmSync(folder, { recursive: true })
    },
  }
}

const run = (cwd: string, command: string, args: readonly string[]): Running => {
  const child = spawn(command, args, { cwd })
  let stdout = ''
  let stderr = ''
  let told = (): void => undefined
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    told()
  })
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')}: ${code ?? 'a signal'}\n${stderr}`))
    })
  })
  return {
    ended,
    printed: (lines) =>
      Promise.race([
        ended.then(() => undefined),
        new Promise<void>((resolve) => {
          told = () => {
            if (stdout.split('\n').length > lines) resolve()
          }
          told()
        }),
      ]),
    terminate: () => {
      child.kill('SIGTERM')
    },
  }
}
