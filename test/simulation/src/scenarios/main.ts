import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { onThreads } from '../threads.ts'
import { addedUp, wanted } from './seen.ts'
import type { ScenarioVerdict } from './verdict.ts'

const usage = `Usage: npm run simulate:scenarios -- [--seeds N] [--from SEED] [--threads N] [--tally]

Draws a fleet, what becomes of it, what people do about it and what they change, seed by seed, has it worked off by the processors in memory and
by an independent reimplementation, and compares every event that either of them derives.

  --seeds N     so many seeds (default 200)
  --from SEED   the first of them (default 1)
  --threads N   on so many threads (default: one per processor)
  --tally       say how often everything was seen
`

/** In a batch of this many seeds or more, everything must have been seen. */
const seedsThatTell = 200

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      threads: { type: 'string', default: `${availableParallelism()}` },
      tally: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  const [count, from, threads] = [values.seeds, values.from, values.threads].map(positive) as [
    number,
    number,
    number,
  ]
  const seeds = Array.from({ length: count }, (_, i) => from + i)
  const beganMs = performance.now()
  const program = new URL('./worker.ts', import.meta.url)
  const verdicts = await onThreads<ScenarioVerdict>(
    program,
    seeds,
    threads,
    ({ seed, differences }) => {
      const [first, ...others] = differences
      if (first === undefined) return
      const more = count === 1 ? others.map((other) => `\n  ${other}`).join('') : ''
      console.log(
        `seed ${seed} differs: npm run simulate:scenarios -- --seeds 1 --from ${seed} # ${first}${more}`,
      )
    },
  )
  const seen = addedUp(verdicts.map((verdict) => verdict.seen))
  if (values.tally === true) console.table(seen)
  const missing = count < seedsThatTell ? [] : wanted.filter((what) => seen[what] === undefined)
  for (const what of missing) console.log(`never seen: ${what}`)
  const differing = verdicts.filter(({ differences }) => differences.length > 0).length
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0)
  console.log(`${count} scenarios, ${differing} differ, in ${seconds} s on ${threads} threads`)
  return differing + missing.length === 0 ? 0 : 1
}

const positive = (text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`${text} is not a positive integer`)
}

process.exitCode = await main()
