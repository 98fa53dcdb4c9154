// Everything that must hold before a change is merged, cheapest first. Every step runs, so that one
// call shows all there is to mend; the tests come last, because their last line is the verdict.
// `--without-tests` leaves them to the caller.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const steps = [
  ['format check', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['.']],
  ['typecheck', 'tsc', ['-b']],
  ['build', process.execPath, ['infra/build.mjs']],
  ...(process.argv.includes('--without-tests')
    ? []
    : [['tests', process.execPath, ['infra/test.mjs']]]),
]
const bin = join(root, 'node_modules', '.bin')
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }

// The lint rules on imports believe the graph that is kept, be it of another commit: it is made anew, as on a fresh clone.
rmSync(join(root, '.nx', 'workspace-data'), { recursive: true, force: true })

const failed = []
for (const [title, command, args] of steps) {
  console.log(`\n===== ${title} =====`)
  if (title === 'tests' && failed.length > 0) console.log(`failed so far: ${failed.join(', ')}`)
  const { status } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) failed.push(title)
}
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(', ')}`)
  process.exitCode = 1
}
