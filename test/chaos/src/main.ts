import { parseArgs } from 'node:util'
import { everyFault, randomFaults, sliceFloors } from './schedule.ts'
import { trial } from './trial.ts'

// `npm run chaos -- --minutes N [--seed S]`: every fault once, then faults at random until the minutes are over.

const usage = 'npm run chaos -- --minutes N [--seed S]'

/** A number of an option, or the end of the program with what was allowed. */
const numberOf = (option: string, text: string, isAllowed: (value: number) => boolean): number => {
  const value = Number(text)
  if (text !== '' && isAllowed(value)) return value
  console.error(`${option}: ${JSON.stringify(text)} is not allowed. ${usage}`)
  process.exit(2)
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const minutes = numberOf('--minutes', values.minutes, (value) => value >= 0 && value <= 24 * 60)
const seed = numberOf('--seed', values.seed ?? `${Date.now() % 1_000_000}`, Number.isSafeInteger)
const beganMs = performance.now()
console.log(`seed ${seed}, ${minutes} minutes`)

const { tally, wrong, gaveUp, acked, wasBusy } = await trial({
  seed,
  floors: sliceFloors,
  note: (line) => {
    console.log(`${((performance.now() - beganMs) / 1000).toFixed(1).padStart(7)} s  ${line}`)
  },
  disturb: async (world) => {
    await everyFault(world)
    await randomFaults(world, minutes - (performance.now() - beganMs) / 60_000)
  },
})

const differencesShown = 20
console.log(`\nfaults that hit:\n${tally.table()}\n`)
console.log(`${acked} events acknowledged`)
const complaints = [
  ...tally.missing().map((what) => `not hit often enough: ${what}`),
  ...gaveUp.map((what) => `gave up: ${what}`),
  ...(wasBusy ? [] : ['the work had ended before the last fault']),
]
for (const line of complaints) console.log(line)
console.log(`${wrong.length} differences`)
for (const line of wrong.slice(0, differencesShown)) console.log(`  ${line}`)
console.log(`seed ${seed}`)
process.exitCode = wrong.length + complaints.length > 0 ? 1 : 0
