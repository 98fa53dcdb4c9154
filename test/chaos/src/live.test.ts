import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ledgerOf } from '@tidemark/aggregation'
import { temporaryFolder, tidemark } from '@tidemark/e2e'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout, ledgerBalances } from '@tidemark/model'
import { digestsOf, randomOf } from '@tidemark/replay'
import { contradictionsIn, evidenceOfLog } from '@tidemark/simulation'
import { openSqlite, openStore } from '@tidemark/store'
import { killLive } from './kills.ts'

// A folder that stamps its records itself, with traffic, processors and ticks in one process that is killed again and again: what it made of its
// inputs is what a replay of these inputs makes.

const seed = Number(process.env.TIDEMARK_SEED ?? Date.now() % 1_000_000)
const kills = 10
/** Longer than max(one window, three tick intervals): nobody looks after the folder. */
const unwatchedMs = 4000

describe(`a live folder whose process is killed (TIDEMARK_SEED=${seed})`, () => {
  const folder = temporaryFolder()
  let log: EmbeddedLog
  let moved: number

  beforeAll(async () => {
    // Short windows, so that many of them close between two kills.
    await tidemark(folder.path, [
      'topics',
      'provision',
      '--window',
      '1s',
      '--grace',
      '1s',
      '--data',
      'live',
    ])
    log = await openEmbeddedLog({ folder: join(folder.path, 'live') })
    const options = { folder: folder.path, data: 'live', log, tasks: defaultLayout.partitions }
    const random = randomOf(seed)
    moved = await killLive({ ...options, random }, kills / 2)
    await setTimeout(unwatchedMs)
    moved += await killLive({ ...options, random }, kills / 2)
  }, 600_000)
  afterAll(async () => {
    await log.close()
    folder.remove()
  })

  it('went on after each kill', () => {
    expect(moved).toBe(kills)
  })

  it('is finished without traffic', async () => {
    const finish = ['start', '--exit-when-caught-up', '--data', 'live']
    expect(await tidemark(folder.path, finish)).toEqual({ code: 0, stdout: '', stderr: '' })
  }, 300_000)

  it('accounts for every event (I2)', async () => {
    for (const { checkpoint } of await log.checkpoints('aggregator', defaultLayout.partitions))
      for (const { ledger } of ledgerOf(checkpoint!)) expect(ledgerBalances(ledger)).toBe(true)
  })

  it('keeps the invariants of its topics and has snapshots that agree with them', async () => {
    const store = await openStore(openSqlite(join(folder.path, 'live', 'store.sqlite')))
    expect(contradictionsIn(await evidenceOfLog(log, defaultLayout, store))).toEqual([])
    await store.close()
  })

  it('gives the same bytes when it is replayed', async () => {
    const replay = ['replay', '--data', 'live', '--into', 'replayed', '--json']
    const { code, stdout } = await tidemark(folder.path, replay)
    expect(JSON.parse(stdout)).toMatchObject({ equal: true })
    expect(code).toBe(0)
    const digests = await digestsOf(log)
    for (const topic of ['aggregates', 'assessments', 'fleet'])
      expect(digests[topic]!.records).toBeGreaterThan(0)
  }, 300_000)
})
