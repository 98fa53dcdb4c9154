import { StatementSync, type SQLInputValue } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { inputTopics, type EpochMs } from '@tidemark/model'
import { nextRoundMs } from './host.ts'
import { aborted } from './sleep.ts'
import { openWorld, provision, type World } from './testing/world.ts'

const hosts = 5
const countedRounds = 100
/** A tenth of it is the time between two rounds. */
const leaseMs = 1000

let world: World
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.end())

/** Transactions that write begin with this statement, whoever prepared it. */
const countingBegins = async (work: (begins: () => number) => Promise<void>): Promise<void> => {
  type Run = (this: StatementSync, ...values: SQLInputValue[]) => unknown
  const prototype = StatementSync.prototype as { run: Run }
  const { run } = prototype
  let begins = 0
  prototype.run = function (...values) {
    if (this.sourceSQL === 'begin immediate') begins++
    return run.apply(this, values)
  }
  try {
    await work(() => begins)
  } finally {
    prototype.run = run
  }
}

it('lets the rounds of the hosts of a process share transactions, whenever each of them came', async () => {
  let rounds = 0
  let counting: { readonly from: number; readonly enough: () => void } | null = null
  // A member looks at the clock once in every round.
  const clock = (): EpochMs => {
    rounds++
    if (counting !== null && rounds === counting.from + countedRounds) counting.enough()
    return Date.now() as EpochMs
  }
  const joined = Array.from({ length: hosts }, () => Promise.withResolvers<undefined>())
  const log = await world.open({
    ...{ leaseMs, clock },
    observe: (event) => {
      if (event.kind === 'joined') joined[Number(event.processor)]!.resolve(undefined)
    },
  })
  await provision(log)
  const stop = new AbortController()
  await countingBegins(async (begins) => {
    const running: Promise<void>[] = []
    for (const [i, { promise }] of joined.entries()) {
      const spec = { processor: String(i), topics: ['requests'], tasks: 1 } as const
      running.push(log.host(spec, (_, signal) => aborted(signal), stop.signal))
      await promise
    }
    const before = begins()
    await new Promise<void>((enough) => (counting = { from: rounds, enough }))
    // Each alone they would be as many as rounds. All together they are a fifth; a busy machine rings a timer later than another now and then.
    expect(begins() - before).toBeLessThan(countedRounds / 2)
    expect(begins() - before).toBeGreaterThanOrEqual(countedRounds / hosts)
    stop.abort()
    await Promise.all(running)
  })
})

it('waits no longer from round to round than it would without a beat', () => {
  for (const everyMs of [1, 100, 333.3, 1000])
    for (const nowMs of [0, 0.1, 99.9, 100, 1000, 123_456.7, 2 ** 40 + 0.5]) {
      const waitMs = nextRoundMs(nowMs, everyMs) - nowMs
      expect(waitMs).toBeGreaterThan(0)
      expect(waitMs).toBeLessThanOrEqual(everyMs)
    }
})

it('writes the ticks of a task in one transaction', async () => {
  const log = await world.open()
  await provision(log)
  const stop = new AbortController()
  const spec = { processor: 'ticking', topics: inputTopics, tasks: 1 }
  const entry = { key: null, value: Uint8Array.of(7) }
  const perTicks: number[] = []
  await countingBegins((begins) =>
    log.host(
      spec,
      async (session) => {
        for (let i = 0; i < 5; i++) {
          const before = begins()
          await Promise.all(inputTopics.map((topic) => session.append(topic, 0, entry)))
          perTicks.push(begins() - before)
        }
        stop.abort()
      },
      stop.signal,
    ),
  )
  // A round of the host may have one of its own meanwhile, but not every time.
  expect(Math.min(...perTicks)).toBe(1)
})
