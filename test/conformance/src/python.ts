import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { it } from '@jest/globals'
import { repository } from './client-readme.ts'

/** Stock packages, as anybody would install them. */
const packages = ['kafka-python==2.2.15', 'fastavro==1.12.1']
const installMsMax = 5 * 60_000

const environment = join(
  ...[repository, 'node_modules', '.cache', 'tidemark'],
  `python-${packages.join('-').replaceAll('=', '')}`,
)

/** A test that runs Python. Where there is none it is skipped, and says so; with CI=true it fails instead. */
export const itWithPython = (name: string, test: () => Promise<void>): void => {
  if (isPythonReady()) {
    it(name, test, installMsMax + 60_000)
    return
  }
  const advice = 'no python3 with venv (apt-get install python3-venv)'
  if (process.env.CI === 'true') throw new Error(`${name}: ${advice}`)
  console.warn(`skipped: ${name}: ${advice}`)
  it.skip(`${name}: ${advice}`, test)
}

const isPythonReady = (): boolean =>
  spawnSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status === 0

/** A Python with the packages; installed once, beside the broker's jars. */
export const pythonWithPackages = (): string => {
  if (!existsSync(environment)) install()
  return join(environment, 'bin', 'python3')
}

const install = (): void => {
  mkdirSync(dirname(environment), { recursive: true })
  const partial = mkdtempSync(`${environment}-`)
  const options = { timeout: installMsMax, stdio: 'pipe' } as const
  try {
    execFileSync('python3', ['-m', 'venv', partial], options)
    const python = join(partial, 'bin', 'python3')
    execFileSync(python, ['-m', 'pip', 'install', '-q', ...packages], options)
    // Renamed when complete, so that nobody sees half of it.
    renameSync(partial, environment)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    // Somebody else was faster.
    if (!existsSync(environment)) throw error
  }
}
