import { join } from 'node:path'
import { runApp } from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import { complaintsIn, temporaryFolder, tidemark } from '@tidemark/e2e'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout, type Layout } from '@tidemark/model'
import { contradictionsIn, evidenceOfLog } from '@tidemark/simulation'
import { openSqlite, openStore } from '@tidemark/store'
import type { BatchEntry } from '@tidemark/wire'
import { derive } from './derive.ts'
import { digestsOf } from './digests.ts'
import { mixedInputs } from './mixed-inputs.ts'
import { provisionMixed } from './provision-mixed.ts'
import { randomOf, type Random } from './random.ts'
import { supply } from './supply.ts'
import { rewrite } from './tamper.ts'

// On the embedded log, with workers that come and go while the inputs arrive: the same bytes as in memory, undisturbed.

const layout: Layout = { ...defaultLayout, timestamps: 'producer' }
const livesPerWorker = 3

type Replayed = {
  readonly equal: boolean
  readonly topics: readonly { readonly topic: string; readonly compacted: number }[]
}

/** A worker with a log of its own: runs everything for a while, stops, starts again; in the end it stays until all is done. */
const work = async (folder: string, random: Random, supplied: Promise<void>): Promise<void> => {
  const store = join(folder, 'store.sqlite')
  for (let life = 1; life <= livesPerWorker; life++) {
    const log = await openEmbeddedLog({ folder })
    const options = { commitIntervalMs: random.integer(1, 60) }
    const end = AbortSignal.timeout(random.integer(50, 500))
    await Promise.all(apps.map((app) => runApp(app, { log, layout, store }, options, end)))
    await log.close()
  }
  await supplied
  const log = await openEmbeddedLog({ folder })
  const never = new AbortController().signal
  for (const app of apps) await runApp(app, { log, layout, store }, { untilCaughtUp: true }, never)
  await log.close()
}

describe('the same inputs on an embedded log', () => {
  const seeds = [101, 102, 103]
  const workerCounts = [1, 2, 4]
  const cases = seeds.flatMap((seed) => workerCounts.map((workers) => [seed, workers] as const))
  const folder = temporaryFolder()
  afterAll(folder.remove)

  it.each(cases)(
    'give the same bytes as in memory (seed %i, %i workers that come and go)',
    async (seed, workers) => {
      const inputs = mixedInputs(seed, layout, { minutes: 4, rate: 0.2 })
      const data = join(folder.path, `${seed}-${workers}`)
      const log = await openEmbeddedLog({ folder: data })
      await provisionMixed(log, layout)
      const supplied = supply(log, inputs, randomOf(seed))
      await Promise.all(
        Array.from({ length: workers }, (_, i) => work(data, randomOf(1000 * seed + i), supplied)),
      )
      expect(await digestsOf(log)).toEqual(await digestsOf(await derive(layout, inputs)))
      const store = await openStore(openSqlite(join(data, 'store.sqlite')))
      expect(contradictionsIn(await evidenceOfLog(log, layout, store))).toEqual([])
      await store.close()
      await log.close()
    },
    600_000,
  )
})

/** A process that the machine does not let run for longer than its lease says that others have its tasks. That may be, and changes no byte. */
const lostLease: ReadonlySet<string> = new Set(['group.lost', 'task.fenced', 'task.retried'])

describe('the same inputs in processes of their own', () => {
  const seed = 104
  const inputs = mixedInputs(seed, layout, { minutes: 4, rate: 0.5 })
  const folder = temporaryFolder()
  let digests: Awaited<ReturnType<typeof digestsOf>>

  beforeAll(async () => {
    digests = await digestsOf(await derive(layout, inputs))
    for (const data of ['1', '2', '4']) {
      const log = await openEmbeddedLog({ folder: join(folder.path, data) })
      await provisionMixed(log, layout)
      await supply(log, inputs, randomOf(seed))
      await log.close()
    }
  }, 600_000)
  afterAll(folder.remove)

  it.each([1, 2, 4])(
    'give the same bytes with %i of them',
    async (processes) => {
      const data = String(processes)
      const outcomes = await Promise.all(
        Array.from({ length: processes }, () =>
          tidemark(folder.path, ['start', '--exit-when-caught-up', '--data', data]),
        ),
      )
      for (const { code, stdout, stderr } of outcomes) {
        expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
        expect(complaintsIn(stderr).filter(({ event }) => !lostLease.has(event))).toEqual([])
      }
      const log = await openEmbeddedLog({ folder: join(folder.path, data) })
      expect(await digestsOf(log)).toEqual(digests)
      await log.close()
    },
    600_000,
  )

  it('are replayed into an empty folder by a command', async () => {
    const replay = ['replay', '--data', '4', '--into', 'replayed', '--json']
    const { code, stdout } = await tidemark(folder.path, replay)
    const { equal, topics } = JSON.parse(stdout) as {
      readonly equal: boolean
      readonly topics: readonly { readonly topic: string; readonly replayed: unknown }[]
    }
    expect({ code, equal }).toEqual({ code: 0, equal: true })
    expect(Object.fromEntries(topics.map(({ topic, replayed }) => [topic, replayed]))).toEqual(
      digests,
    )
    // Twice into the same folder would not be a replay into an empty one.
    expect(await tidemark(folder.path, replay)).toMatchObject({ code: 2 })
  }, 600_000)

  it('are replayed to the same, but for judgements that compaction may take', async () => {
    const replayInto = async (into: string) => {
      const command = ['replay', '--data', '4', '--into', into]
      const { code, stdout } = await tidemark(folder.path, [...command, '--json'])
      const { topics, equal } = JSON.parse(stdout) as Replayed
      const { compacted } = topics.find(({ topic }) => topic === 'assessments')!
      return { code, equal, compacted }
    }
    const data = join(folder.path, '4')
    let removed = 0
    for (let partition = 0; partition < layout.partitions; partition++)
      rewrite(data, 'assessments', partition, (records) => {
        const nameOf = ({ key }: BatchEntry) => Buffer.from(key!).toString()
        const lasts = new Set(new Map(records.map((entry) => [nameOf(entry), entry])).values())
        removed += records.length - lasts.size
        return records.filter((entry) => lasts.has(entry))
      })
    expect(removed).toBeGreaterThan(10)
    expect(await replayInto('compacted')).toEqual({ code: 0, equal: true, compacted: removed })
    let isTaken = false
    for (let partition = 0; partition < layout.partitions; partition++)
      rewrite(data, 'assessments', partition, (records) => {
        const kept = isTaken ? records : records.slice(1)
        isTaken ||= kept.length < records.length
        return kept
      })
    expect(await replayInto('more')).toMatchObject({ code: 1, equal: false })
  }, 600_000)
})
