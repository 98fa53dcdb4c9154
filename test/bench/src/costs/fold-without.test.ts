import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '@tidemark/e2e'
import { randomOf } from '../harness/random.ts'
import { eventBatches, singleEvents } from '../workload.ts'
import { foldWithout } from './fold-without.ts'
import { leftOuts } from './left-out.ts'
import { storeWorkload } from './stored-workload.ts'

// Where this fails, the fold has changed, and left-out.ts no longer knows what to take out of it.

const events = 2000
let folder: ReturnType<typeof temporaryFolder>
beforeAll(() => {
  folder = temporaryFolder()
  const shape = { random: randomOf(1), events, services: 5, eventsPerSecond: 100 }
  storeWorkload(join(folder.path, 'single'), singleEvents(shape))
  storeWorkload(join(folder.path, 'batched'), eventBatches({ ...shape, services: 1 }))
})
afterAll(() => folder.remove())

describe.each(['single', 'batched'])('the fold of %s events', (kind) => {
  it.each(leftOuts)('leaves out %s, and nothing else', async (leftOut) => {
    const run = await foldWithout(leftOut, join(folder.path, kind), events)
    expect(run.counted).toBe(events)
  })
})
