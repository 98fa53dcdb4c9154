import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Log, RunTask, TaskCommit } from '@tidemark/log'
import { defaultLayout, epochMs, type Offset } from '@tidemark/model'
import { connect } from '../connection.ts'
import { processorLag } from './processor-lag.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-lag-'))
const spec = { processor: 'aggregator', topics: ['requests'], tasks: 1 } as const
const shape = { name: spec.processor, topics: spec.topics, tasks: spec.tasks }
let log: Log

/** Runs until the work is done, on the only task. */
const owning = async (work: RunTask): Promise<void> => {
  const done = new AbortController()
  await log.host(
    spec,
    async (session, signal) => {
      await work(session, signal)
      done.abort()
    },
    done.signal,
  )
}
const lag = async () => (await processorLag(log, shape))[0]!
const commitAt = (position: number): TaskCommit => ({
  outputs: [],
  checkpoint: new Map(),
  positions: [{ topic: 'requests', partition: 0, position: position as Offset, from: 0 as Offset }],
})

beforeAll(async () => {
  const layout = { ...defaultLayout, partitions: 1, timestamps: 'producer' } as const
  log = (await connect({ kind: 'embedded', folder }, layout)).log
  const publisher = await log.publisher()
  for (const ms of [1000, 5000, 9000])
    await publisher.append('requests', 0, [
      { key: null, value: new Uint8Array(1), timestampMs: epochMs(ms) },
    ])
})
afterAll(async () => {
  await log.close()
  rmSync(folder, { recursive: true })
})

describe('the lag of a processor', () => {
  it('is everything before it ever committed', async () => {
    expect(await lag()).toMatchObject({
      ...{ processor: 'aggregator', task: 0, topic: 'requests', partition: 0, state: 'unowned' },
      ...{ position: 0, endOffset: 3, records: 3, streamMs: 8000 },
      ...{ owner: null, committedAtMs: null },
    })
  })

  it('counts from what is committed, in records and in stream time', async () => {
    await owning(async ({ commit }) => {
      // There is nothing to restore yet.
      expect(await lag()).toMatchObject({ state: 'owned', owner: { pid: process.pid } })
      await commit(commitAt(1))
      expect(await lag()).toMatchObject({ state: 'owned', records: 2, streamMs: 4000 })
      await commit(commitAt(2))
      expect(await lag()).toMatchObject({ position: 2, records: 1, streamMs: 0 })
    })
  })

  it('says that a task is being restored until its new owner commits', async () => {
    await owning(async ({ commit }) => {
      expect(await lag()).toMatchObject({ state: 'restoring', position: 2 })
      await commit(commitAt(3))
      expect(await lag()).toMatchObject({ state: 'owned', records: 0, streamMs: 0 })
    })
    const { state, committedAtMs } = await lag()
    expect(state).toBe('unowned')
    expect(committedAtMs).toBeGreaterThan(0)
  })
})
