import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { corpus } from './corpus.ts'
import { judgeMany } from './many-seeds.ts'
import { missingIn, tallyOf } from './vacuity.ts'
import { failureLine } from './verdict.ts'

const usage = `Usage: npm run simulate:faults -- [--seeds N] [--from SEED] [--threads N] [--twice-every N] [--tally]

Runs everything on simulated brokers under faults, seed by seed, and checks what came of it. Seeds that failed once are run first.

  --seeds N     so many seeds (default 1000)
  --from SEED   the first of them (default 1)
  --threads N   on so many threads (default: one per processor)
  --twice-every N
                run every n-th seed twice, which must lead to the same bytes (default 1: each)
  --tally       say how often each fault struck
`

const isTerminal = process.stdout.isTTY
/** Seeds between two lines of progress, where none can be overwritten. */
const linesEvery = 100

const positive = (name: string, text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`--${name}: ${text} is not a positive integer`)
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      threads: { type: 'string' },
      'twice-every': { type: 'string' },
      tally: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  const count = positive('seeds', values.seeds, 1000)
  const from = positive('from', values.from, 1)
  const threads = positive('threads', values.threads, availableParallelism())
  const twiceEvery = positive('twice-every', values['twice-every'], 1)
  const range = Array.from({ length: count }, (_, i) => from + i)
  const seeds = [...new Set([...corpus.map(({ seed }) => seed), ...range])]
  const orders = seeds.map((seed) => ({ seed, twice: seed % twiceEvery === 0 }))
  const beganMs = performance.now()
  let done = 0
  const verdicts = await judgeMany(orders, threads, (verdict) => {
    const failure = failureLine(verdict)
    if (failure !== null) console.log(`${isTerminal ? '\n' : ''}${failure}`)
    const rate = ((++done * 1000) / (performance.now() - beganMs)).toFixed(1)
    const progress = `${done} of ${seeds.length} seeds, ${rate} per second`
    if (isTerminal) process.stdout.write(`\r${progress}`)
    else if (done % linesEvery === 0) console.log(progress)
  })
  const failed = verdicts.filter(({ complaints }) => complaints.length > 0)
  if (count === 1) for (const { complaints } of failed) console.log(complaints.join('\n'))
  const tally = tallyOf(verdicts)
  if (values.tally === true) console.table({ ...tally.faults, ...tally.sightings })
  const missing = missingIn(tally, seeds.length)
  for (const line of missing) console.log(`\nnot enough: ${line}`)
  const seconds = (performance.now() - beganMs) / 1000
  const rate = (verdicts.length / seconds).toFixed(1)
  console.log(
    `\n${verdicts.length} seeds, ${failed.length} failed, in ${seconds.toFixed(0)} s on ${threads} threads: ${rate} seeds per second`,
  )
  return failed.length + missing.length === 0 ? 0 : 1
}

process.exitCode = await main()
