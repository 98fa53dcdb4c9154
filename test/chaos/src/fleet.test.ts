import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startFleet, type Fleet } from './fleet.ts'
import { sessionTimeoutMs } from './world.ts'

// Nobody answers at the only address, so a worker that is loaded listens, and waits.

let fleet: Fleet
let gaveUp: string[]
beforeEach(() => {
  gaveUp = []
  const log = { kind: 'kafka', brokers: ['127.0.0.1:1'], prefix: '', sessionTimeoutMs } as const
  fleet = startFleet([{ processor: 'aggregator', commitIntervalMs: 50, store: 'none', log }], {
    nextCrash: () => null,
    crashed: () => undefined,
    gaveUp: (worker, complaint) => void gaveUp.push(`${worker} ${complaint}`),
    trouble: () => undefined,
  })
})
afterEach(() => fleet.abandon())

describe('a worker', () => {
  it('has not given up when it is stopped before it is loaded', async () => {
    await fleet.stop()
    expect(gaveUp).toEqual([])
  })

  it('has given up when a signal of somebody else ends it', async () => {
    const [worker] = fleet.workers
    // It is started again each time; the runner's deadline is the bound.
    while (gaveUp.length === 0) {
      const pid = worker!.pid()
      if (pid !== null) process.kill(pid, 'SIGTERM')
      await setTimeout(20)
    }
    expect(gaveUp[0]).toMatch(/^aggregator-0 ended with SIGTERM/)
  })
})
