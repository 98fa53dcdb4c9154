import { beforeAll, expect, it } from '@jest/globals'
import { describeWithJava } from '@tidemark/broker/jest'
import { recoveryMsMax } from './faults/recovery.ts'
import { everyFault, everyFaultMsMax, sliceFloors } from './schedule.ts'
import { trial, type Trial } from './trial.ts'

// Three brokers, seven workers, a producer and live traffic; every kind of fault in an order that the seed draws. The seed fixes what is drawn,
// though not how far the processes are by then. `npm run chaos` goes on for longer.

const seed = Number(process.env.TIDEMARK_SEED ?? Date.now() % 1_000_000)
/** The faults, the last of which may wait four times for a recovery; then the rest, and what is compared. */
const trialMsMax = everyFaultMsMax + 4 * recoveryMsMax + 900_000
/** What is told of the way to a failure. */
const notesShown = 80
const differencesShown = 20

describeWithJava(`a live system that is broken on purpose (TIDEMARK_SEED=${seed})`, () => {
  const notes: string[] = []
  let result: Trial

  beforeAll(async () => {
    try {
      result = await trial({
        ...{ seed, floors: sliceFloors, disturb: everyFault },
        note: (line) => void notes.push(line),
      })
    } catch (error) {
      const way = notes.slice(-notesShown).join('\n')
      throw new Error(`seed ${seed}: ${String(error)}, after\n${way}`, { cause: error })
    }
    process.stdout.write(`seed ${seed}, faults that hit:\n${result.tally.table()}\n`)
  }, trialMsMax)

  it('was hit by every kind of fault, often enough and while it worked', () => {
    expect(result.tally.missing()).toEqual([])
    expect(result.wasBusy).toBe(true)
  })

  it('went on by itself, without a process that gave up', () => {
    expect(result.gaveUp).toEqual([])
  })

  it('lost nothing, repeated nothing, and says what a replay says', () => {
    expect(result.acked).toBeGreaterThan(1000)
    expect(result.wrong.slice(0, differencesShown)).toEqual([])
  })
})
