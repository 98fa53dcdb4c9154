// Runs every tier of tests, one after the other, and sums up what the runner itself reported.
// `node infra/test.mjs unit tidy` runs those tiers only.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import jestConfig from '../jest.config.mjs'

const root = join(import.meta.dirname, '..')
const reportDir = join(root, '.cache', 'test-reports')
/**
 * V8 may lose track of its code pages where processors have protection keys ("Check failed: jit_page.has_value()", nodejs/node#64500), which took
 * a worker of jest down once.
 */
const nodeOptions = ['--no-memory-protection-keys']
const tierMsMax = 45 * 60_000
/**
 * Files of these tiers run side by side, on all processors: they compute. The others wait for servers and processes of their own, and a
 * second file would only slow those down.
 */
const computing = new Set(['unit', 'detection', 'simulation'])

const known = jestConfig.projects.map((project) => project.displayName)
const wanted = process.argv.slice(2)
const unknown = wanted.filter((tier) => !known.includes(tier))
if (unknown.length > 0) {
  console.error(`no such tier: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(2)
}

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`the tests need Node 24, not ${process.version}: npm test brings it along`)
  process.exit(2)
}

mkdirSync(reportDir, { recursive: true })
console.log(`Node ${process.version}`)
const results = known.filter((tier) => wanted.length === 0 || wanted.includes(tier)).map(runTier)

console.log('')
// Once more what failed, and how it began: the end of a long output is what is looked at first.
for (const { tier, failures } of results)
  for (const failure of failures ?? []) console.log(`failed in ${tier}: ${failure}`)
for (const { tier, counts, problem } of results) {
  console.log(`${tier}: ${line(counts)}${problem === undefined ? '' : ` (${problem})`}`)
}
const total = results.reduce((sum, { counts }) => add(sum, counts), zero())
if (results.some(({ problem }) => problem !== undefined) || total.failed > 0) process.exitCode = 1
console.log(line(total))

/** What makes a tier fail without a failing test (a crash, nothing executed) counts as one failure. */
function runTier(tier) {
  console.log(`\n== ${tier} ==`)
  const reportFile = join(reportDir, `${tier}.json`)
  rmSync(reportFile, { force: true })
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
  const options = [
    '--selectProjects',
    tier,
    '--passWithNoTests',
    ...(computing.has(tier) ? ['--maxWorkers', '100%'] : []),
    '--json',
    '--outputFile',
    reportFile,
  ]
  const run = spawnSync(process.execPath, [...nodeOptions, jest, ...options], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: tierMsMax,
    killSignal: 'SIGKILL',
  })
  if (!existsSync(reportFile)) {
    const how = run.error?.message ?? run.signal ?? `exit code ${run.status}`
    return { tier, counts: { ...zero(), failed: 1 }, problem: `the runner crashed: ${how}` }
  }
  const report = JSON.parse(readFileSync(reportFile, 'utf8'))
  const counts = countsOf(report)
  if (counts.failed > 0) return { tier, counts, failures: failuresOf(report) }
  if (counts.passed === 0) {
    return { tier, counts: { ...counts, failed: 1 }, problem: 'no test was executed' }
  }
  if (run.status !== 0) {
    const how = run.signal ?? `exit code ${run.status}`
    return { tier, counts: { ...counts, failed: 1 }, problem: `the runner ended with ${how}` }
  }
  return { tier, counts }
}

function failuresOf({ testResults }) {
  const linesMax = 30
  const begun = (text) => stripVTControlCharacters(text).split('\n').slice(0, linesMax).join('\n')
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    if (failed.length === 0) return message === '' ? [] : [`${name}\n${begun(message)}`]
    return failed.map(
      ({ fullName, failureMessages }) => `${fullName}\n${begun(failureMessages.join('\n'))}`,
    )
  })
}

function countsOf(report) {
  return {
    passed: report.numPassedTests,
    // A suite that cannot even start reports no tests of its own.
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

function zero() {
  return { passed: 0, failed: 0, skipped: 0 }
}

function add(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }
}

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
