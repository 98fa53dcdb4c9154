import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { describe } from '@jest/globals'

/** What an interrupt is on a terminal's input. */
export const ctrlC = '\u0003'

/** A suite that needs a terminal. Where there is none to be had it is skipped, and says so; with CI=true it fails instead. */
export const describeWithTerminal = (name: string, suite: () => void): void => {
  const { status, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' })
  if (status === 0 && stdout.includes('util-linux')) {
    describe(name, suite)
    return
  }
  const advice = 'no terminal: install script from util-linux (apt-get install bsdutils)'
  if (process.env.CI === 'true') throw new Error(`${name}: ${advice}`)
  console.warn(`skipped: ${name}: ${advice}`)
  describe.skip(`${name}: ${advice}`, suite)
}

/** A process on a terminal of its own; what it shows comes on stdout, what is typed goes to stdin. */
export const onTerminal = (
  folder: string,
  command: readonly string[],
): ChildProcessWithoutNullStreams =>
  spawn('script', ['-qec', `exec ${command.join(' ')}`, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '' },
  })
