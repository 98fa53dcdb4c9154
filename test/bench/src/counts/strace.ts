import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe } from '@jest/globals'

const probe = spawnSync('strace', ['-c', 'true'], { encoding: 'utf8' })

/** Tests that need strace: required in CI, passed over with the reason elsewhere, and wherever a container forbids to trace. */
export const describeWithStrace = (name: string, tests: () => void): void => {
  if (probe.status === 0) describe(name, tests)
  else if (probe.error !== undefined && process.env.CI === 'true')
    throw new Error('strace is missing: install the package strace')
  else {
    const reason = probe.error === undefined ? probe.stderr.trim() : 'there is no strace'
    describe.skip(`${name} (passed over: ${reason})`, tests)
  }
}

/** How often a program and all of its threads make system calls, by name; `table` is a file to write. */
export const systemCalls = (
  table: string,
  names: readonly string[],
  program: string,
  args: readonly string[],
): ReadonlyMap<string, number> => {
  const options = ['-f', '-c', '-e', `trace=${names.join()}`, '-o', table]
  execFileSync('strace', [...options, program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  // % time, seconds, microseconds a call, calls, errors where there are any, name.
  const lines = readFileSync(table, 'utf8').matchAll(
    /^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$/gm,
  )
  return new Map(Array.from(lines, ([, calls, name]) => [name!, Number(calls)]))
}
