import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const repositoryRoot = join(import.meta.dirname, '..', '..', '..')
const pom = join(repositoryRoot, 'infra', 'broker', 'pom.xml')
const pomHash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
const jarsDir = join(repositoryRoot, 'node_modules', '.cache', 'tidemark', `kafka-${pomHash}`)
const downloadMsMax = 5 * 60_000

/** Whether a broker can be run by Java: the jars are here, or Maven is, to fetch them. */
export const isJavaReady = (): boolean =>
  runs('java', '-version') && (existsSync(jarsDir) || runs('mvn', '--version'))

const runs = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** Folder of the broker's jars; Maven fetches them once. */
export const kafkaJars = async (): Promise<string> => {
  if (existsSync(jarsDir)) return jarsDir
  mkdirSync(dirname(jarsDir), { recursive: true })
  const partial = mkdtempSync(`${jarsDir}-`)
  try {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${partial}`]
    await maven(['-q', '-B', '-f', pom, ...goal])
    // Renamed when complete, so that nobody sees half of it.
    renameSync(partial, jarsDir)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    // Somebody else was faster.
    if (!existsSync(jarsDir)) throw error
  }
  return jarsDir
}

const maven = async (args: readonly string[]): Promise<void> => {
  const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: downloadMsMax })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0)
    throw new Error(`mvn ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${output}`)
}
