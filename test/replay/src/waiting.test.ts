import { join } from 'node:path'
import { provision, runApp, storeConfiguration, type RunOptions } from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import { temporaryFolder, tidemark } from '@tidemark/e2e'
import { afterAll, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { configurationId, defaultLayout, type Layout } from '@tidemark/model'
import { derive } from './derive.ts'
import { digestsOf } from './digests.ts'
import { changedConfigurations } from './mixed-facts.ts'
import { mixedInputs } from './mixed-inputs.ts'
import { randomOf } from './random.ts'
import { supply } from './supply.ts'

// Configurations that are in force before anybody has stored them: the evaluators wait, and then say what they would have said.

const layout: Layout = { ...defaultLayout, partitions: 2, timestamps: 'producer' }
const configurations = changedConfigurations(layout)
const inputs = mixedInputs(9, layout, { minutes: 4, rate: 0.2 })

describe('configurations that come late', () => {
  const folder = temporaryFolder()
  const data = join(folder.path, 'data')
  const store = join(folder.path, 'store.sqlite')
  afterAll(folder.remove)

  it('are waited for, with all that came before committed, and change no byte', async () => {
    const log = await openEmbeddedLog({ folder: data })
    await provision(log, layout)
    await supply(log, inputs, randomOf(9))
    const slicesAtWait: number[] = []
    const reasons = new Set<string>()
    let resumed = 0
    let stored = 0
    let storing = Promise.resolve()
    const isStored = ({ length }: readonly unknown[]): boolean => stored >= length
    const observe: RunOptions['observe'] = (event) => {
      if (event.kind === 'resumed') resumed++
      if (event.kind !== 'waiting') return
      reasons.add(event.reason)
      const wanted = configurations.findIndex((each) =>
        event.reason.includes(configurationId(each)),
      )
      if (wanted !== stored || isStored(configurations)) return
      stored++
      storing = storing.then(async () => {
        const [bounds] = await log.bounds('fleet')
        slicesAtWait.push(bounds!.endOffset)
        await storeConfiguration({ log, layout }, configurations[wanted]!)
      })
    }
    const never = new AbortController().signal
    const options: RunOptions = { untilCaughtUp: true, observe }
    for (const app of apps) await runApp(app, { log, layout, store }, options, never)
    await storing
    expect([...reasons].sort()).toEqual(
      configurations
        .map((each) => `configuration ${configurationId(each)}: the catalog does not hold it`)
        .sort(),
    )
    expect(resumed).toBeGreaterThanOrEqual(2)
    const [end] = await log.bounds('fleet')
    const [first, second] = slicesAtWait
    // What was judged before the first one, and between the two, was there for everybody.
    expect(first).toBeGreaterThan(1)
    expect(second).toBeGreaterThan(first!)
    expect(end!.endOffset).toBeGreaterThan(second!)
    expect(await digestsOf(log)).toEqual(await digestsOf(await derive(layout, inputs)))
    await log.close()
  }, 600_000)

  it('cannot be waited for by a replay, which says so', async () => {
    const lacking = join(folder.path, 'lacking')
    const log = await openEmbeddedLog({ folder: lacking })
    await provision(log, layout)
    await supply(log, inputs, randomOf(9))
    await log.close()
    const replayed = await tidemark(folder.path, ['replay', '--data', lacking, '--into', 'copy'])
    expect(replayed.code).toBe(1)
    expect(replayed.stderr).toMatch(
      /configuration [0-9a-f]{32}: the catalog does not hold it: what was judged by it cannot be replayed/,
    )
  }, 600_000)
})
