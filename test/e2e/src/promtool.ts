import { execFile, spawnSync } from 'node:child_process'
import { describe } from '@jest/globals'

const isThere = spawnSync('promtool', ['--version']).error === undefined

/** Tests that need promtool, of the Debian package prometheus: required in CI, passed over with the reason elsewhere. */
export const describeWithPromtool = (name: string, tests: () => void): void => {
  if (isThere) describe(name, tests)
  else if (process.env.CI === 'true')
    throw new Error('promtool is missing: install the package prometheus')
  else
    describe.skip(
      `${name} (passed over: there is no promtool; install the package prometheus)`,
      tests,
    )
}

/** What promtool has to say of metrics in Prometheus's text format; empty: nothing. */
export const promtoolOn = (metrics: string): Promise<string> =>
  new Promise((resolve) => {
    // What it complains of, and that it could not be run, are both no silence.
    const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) => {
      const said = stdout + stderr
      resolve(said === '' && error !== null ? error.message : said)
    })
    child.stdin?.end(metrics)
  })
