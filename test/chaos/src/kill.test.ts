import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { ledgerOf } from '@tidemark/aggregation'
import { generate, temporaryFolder, tidemark, type Expected } from '@tidemark/e2e'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout } from '@tidemark/model'
import { digestsOf, randomOf } from '@tidemark/replay'
import { contradictionsIn, evidenceOfLog } from '@tidemark/simulation'
import { openSqlite, openStore } from '@tidemark/store'
import { apart, killUntilTheEnd, together, togetherCatchingUp, type Kills } from './kills.ts'
import { processorNames, progressOf, type Progress } from './progress.ts'

// kill -9 at any moment: whoever is started again goes on, and what comes out in the end is what would have come out anyway. The moments
// are random; the seed fixes what is drawn, though not how far the processes are by then.

const seed = Number(process.env.TIDEMARK_SEED ?? Date.now() % 1_000_000)
const countedMin = 50
const countedMinEach = 3
const countedMaxPerRun = 18
const runsMax = 20
const { partitions } = defaultLayout

describe(`a data folder whose processes are killed (TIDEMARK_SEED=${seed})`, () => {
  const folder = temporaryFolder()
  const runs: { readonly name: string; readonly kills: Kills; readonly log: EmbeddedLog }[] = []
  let expected: Expected
  let undisturbed: EmbeddedLog
  let end: Progress

  const finish = async (data: string): Promise<void> => {
    const outcome = await tidemark(folder.path, ['start', '--exit-when-caught-up', '--data', data])
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' })
  }
  const open = (data: string): Promise<EmbeddedLog> =>
    openEmbeddedLog({ folder: join(folder.path, data) })
  const copyOfInputs = (data: string): void => {
    cpSync(join(folder.path, 'inputs'), join(folder.path, data), { recursive: true })
  }
  const total = (pick: (kills: Kills) => number): number =>
    runs.reduce((sum, { kills }) => sum + pick(kills), 0)
  const isEnough = (): boolean =>
    total(({ counted }) => counted) >= countedMin &&
    processorNames.every((name) => total(({ byProcessor }) => byProcessor[name]) >= countedMinEach)

  beforeAll(async () => {
    const generated = generate(folder.path, { events: 120_000, seed: 7 })
    expected = generated.expected
    const stamps = ['--stamp', 'event', '--flush', '--data', 'inputs']
    const published = await tidemark(folder.path, ['publish', generated.file, ...stamps])
    expect(published.stdout).toContain(String(expected.events))
    copyOfInputs('undisturbed')
    await finish('undisturbed')
    undisturbed = await open('undisturbed')
    end = await progressOf(undisturbed, partitions)
    const random = randomOf(seed)
    // How often one pass through the data can be interrupted depends on the machine, so there are as many passes as it takes.
    for (let run = 0; run < runsMax && !isEnough(); run++) {
      const name = `run-${run}`
      copyOfInputs(name)
      const log = await open(name)
      const programs = [apart, together, apart, togetherCatchingUp][run % 4]!
      const kills = await killUntilTheEnd({
        ...{ folder: folder.path, data: name, programs, log, tasks: partitions },
        ...{ end, random, countedMax: countedMaxPerRun },
      })
      runs.push({ name, kills, log })
      await finish(name)
    }
  }, 1_800_000)
  afterAll(async () => {
    for (const { log } of runs) await log.close()
    await undisturbed.close()
    folder.remove()
  })

  it('was killed often enough, each processor and at moments that count', () => {
    expect(total(({ counted }) => counted)).toBeGreaterThanOrEqual(countedMin)
    for (const name of processorNames)
      expect(total(({ byProcessor }) => byProcessor[name])).toBeGreaterThanOrEqual(countedMinEach)
  })

  it('accounts for every event as the generator does (I2)', async () => {
    for (const { log } of runs) {
      const states = await log.checkpoints('aggregator', partitions)
      const ledgers = states
        .flatMap(({ checkpoint }) => ledgerOf(checkpoint!))
        .filter(({ topic }) => topic !== 'facts')
        .sort((a, b) =>
          a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
        )
        .map(({ topic, partition, ledger, open: left }) => ({ topic, partition, ...ledger, left }))
      expect(ledgers).toEqual(
        expected.partitions.map(({ future: _, ...row }) => ({
          ...row,
          rejected: [],
          lost: 0,
          left: 0,
        })),
      )
    }
  })

  it('keeps the invariants of its topics and has snapshots that say the same (I2, I3, I4, I7, I9, I11)', async () => {
    for (const { name, log } of runs) {
      const store = await openStore(openSqlite(join(folder.path, name, 'store.sqlite')))
      expect(contradictionsIn(await evidenceOfLog(log, defaultLayout, store))).toEqual([])
      await store.close()
    }
  })

  it('holds the same bytes as one that was left alone (I6, I12)', async () => {
    const digests = await digestsOf(undisturbed)
    for (const { log } of runs) expect(await digestsOf(log)).toEqual(digests)
  })
})
