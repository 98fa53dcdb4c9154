import { parseArgs } from 'node:util'
import { everyFault, randomFaults, sliceFloors } from './schedule.ts'
import { trial } from './trial.ts'

// `npm run chaos -- --minutes N [--seed S]`: every fault once, then faults at random until the minutes are over.

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
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
console.log(`${acked} events acknowledged, ${gaveUp.length} workers ended by themselves`)
const faultless = [...tally.missing().map((what) => `not hit often enough: ${what}`)]
if (!wasBusy) faultless.push('the work had ended before the last fault')
for (const line of faultless) console.log(line)
console.log(`${wrong.length} differences`)
for (const line of wrong.slice(0, differencesShown)) console.log(`  ${line}`)
console.log(`seed ${seed}`)
process.exitCode = wrong.length + faultless.length > 0 ? 1 : 0
