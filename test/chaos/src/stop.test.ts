import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { ended, generate, startTidemark, temporaryFolder, tidemark } from '@tidemark/e2e'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openEmbeddedLog, type EmbeddedLog } from '@tidemark/log-embedded'
import { defaultLayout } from '@tidemark/model'
import { digestsOf } from '@tidemark/replay'
import { contradictionsIn, evidenceOfLog } from '@tidemark/simulation'
import { openSqlite, openStore } from '@tidemark/store'
import { isAt, progressOf, type Progress } from './progress.ts'

// SIGTERM and SIGINT stop the processors at the next record: what they have is committed, and whoever is started next goes on from there.

type Child = ReturnType<typeof startTidemark>

const { partitions } = defaultLayout
const lookMs = 3

describe('tidemark start, stopped by a signal', () => {
  const folder = temporaryFolder()
  const signals = ['SIGTERM', 'SIGINT'] as const
  let end: Progress
  let digests: Awaited<ReturnType<typeof digestsOf>>

  const open = (data: string): Promise<EmbeddedLog> =>
    openEmbeddedLog({ folder: join(folder.path, data) })
  const copyOfInputs = (data: string): void => {
    cpSync(join(folder.path, 'inputs'), join(folder.path, data), { recursive: true })
  }
  const finish = async (data: string): Promise<void> => {
    const outcome = await tidemark(folder.path, ['start', '--exit-when-caught-up', '--data', data])
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' })
  }
  const start = (data: string, ...options: readonly string[]): Child =>
    // Commits soon after the start, long before the end.
    startTidemark(folder.path, [
      ...['start', '--commit-interval', '10ms', '--log-level', 'error', '--data', data],
      ...options,
    ])
  const untilRead = async (child: Child, log: EmbeddedLog, records: number): Promise<void> => {
    while (child.exitCode === null && (await progressOf(log, partitions)).aggregator < records)
      await setTimeout(lookMs)
  }

  beforeAll(async () => {
    const { file } = generate(folder.path, { events: 100_000, seed: 9 })
    await tidemark(folder.path, [
      'publish',
      file,
      '--stamp',
      'event',
      '--flush',
      '--data',
      'inputs',
    ])
    copyOfInputs('undisturbed')
    await finish('undisturbed')
    const log = await open('undisturbed')
    end = await progressOf(log, partitions)
    digests = await digestsOf(log)
    await log.close()
  }, 300_000)
  afterAll(folder.remove)

  it.each(signals)(
    'commits what it has and exits with 0 at %s, in the middle of its work',
    async (signal) => {
      copyOfInputs(signal)
      const log = await open(signal)
      const child = start(signal, '--no-traffic')
      const outcome = ended(child)
      await untilRead(child, log, 1)
      child.kill(signal)
      expect(await outcome).toMatchObject({ code: 0, stderr: '' })
      expect(isAt(end, await progressOf(log, partitions))).toBe(false)
      // What is committed holds together as it stands, the snapshots included.
      expect(contradictionsIn(await evidenceOfLog(log, defaultLayout))).toEqual([])
      await finish(signal)
      expect(await digestsOf(log)).toEqual(digests)
      const store = await openStore(openSqlite(join(folder.path, signal, 'store.sqlite')))
      expect(contradictionsIn(await evidenceOfLog(log, defaultLayout, store))).toEqual([])
      await store.close()
      await log.close()
    },
    300_000,
  )

  it.each(signals)(
    'loses nothing of live traffic at %s: a replay of what is there gives what is there',
    async (signal) => {
      const data = `live-${signal}`
      const log = await open(data)
      const child = start(data, '--seed', '5')
      const outcome = ended(child)
      await untilRead(child, log, 300)
      child.kill(signal)
      expect(await outcome).toMatchObject({ code: 0, stderr: '' })
      await log.close()
      await finish(data)
      const replay = ['replay', '--data', data, '--into', `${data}-replayed`, '--json']
      const replayed = await tidemark(folder.path, replay)
      expect(JSON.parse(replayed.stdout)).toMatchObject({ equal: true })
    },
    300_000,
  )

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'exits at once at a second %s, with %i, and goes on all the same when it is started again',
    async (signal, code) => {
      const data = `second-${signal}`
      copyOfInputs(data)
      const log = await open(data)
      const child = start(data, '--no-traffic')
      const outcome = ended(child)
      await untilRead(child, log, 1)
      // While another process holds the file nothing can be committed, so that an orderly stop has to wait.
      const other = new DatabaseSync(join(folder.path, data, 'log.sqlite'), { timeout: 10_000 })
      other.exec('begin immediate')
      const again = new AbortController()
      const signalling = signalUntil(again.signal, () => child.kill(signal))
      expect(await outcome).toMatchObject({ code, stderr: '' })
      again.abort()
      await signalling
      other.exec('rollback')
      other.close()
      await finish(data)
      expect(await digestsOf(log)).toEqual(digests)
      await log.close()
    },
    300_000,
  )
})

/** Equal signals that are sent at once may arrive as one. */
const signalUntil = async (stop: AbortSignal, send: () => void): Promise<void> => {
  while (!stop.aborted) {
    send()
    await setTimeout(50)
  }
}
