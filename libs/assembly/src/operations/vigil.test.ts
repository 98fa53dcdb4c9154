import { beforeEach, describe, expect, it } from '@jest/globals'
import type { EngineEvent, TaskEvent } from '@tidemark/engine'
import type { Log } from '@tidemark/log'
import type { EpochMs, Offset, SourcePosition } from '@tidemark/model'
import { openMetrics, type Check } from '@tidemark/runtime'
import { vigil, type Vigil } from './vigil.ts'

const lookMs = 5000
const watchdogMs = 60_000

/** A log with one partition of `requests`, of which only the end is asked. */
type FakeLog = { end: number; lastMs: number; failure: Error | null; isSilent: boolean }

let nowMs: number
let fake: FakeLog
let watching: Vigil
let metrics: ReturnType<typeof openMetrics>

const log: Pick<Log, 'bounds' | 'read'> = {
  bounds: async () => {
    if (fake.isSilent) await new Promise(() => undefined)
    if (fake.failure !== null) throw fake.failure
    const bounds = { partition: 0, startOffset: 0 as Offset, endOffset: fake.end as Offset }
    return [{ ...bounds, lastTimestampMs: fake.lastMs as EpochMs }]
  },
  read: async ({ topic, partition, fromOffset }) => ({
    ...{ topic, partition, bytes: new Uint8Array(0), fromOffset },
    ...{ nextOffset: fake.end as Offset, endOffset: fake.end as Offset },
  }),
}

const source = (position: number, held = false): SourcePosition => ({
  topic: 'requests',
  partition: 0,
  position: position as Offset,
  from: 0 as Offset,
  held,
})
const tell = (event: TaskEvent): void => {
  watching.noteTask({ ...event, processor: 'aggregator', task: 0 } satisfies EngineEvent)
}
const committed = (position: number): void => {
  const checkpoint = new Map<string, Uint8Array>()
  tell({ kind: 'committed', sources: [source(position)], outputs: 0, checkpoint, tookMs: 1 })
}
const acquired = (position: number, held = false): void => {
  tell({ kind: 'opening' })
  tell({ kind: 'acquired', sources: [source(position, held)], through: [] })
  tell({ kind: 'restored', sources: [source(position, held)], tookMs: 1 })
}
/** Looks as often as the time takes, with what the log answers in between; returns the longest stall in seconds. */
const pass = async (ms: number, between: () => void = () => undefined): Promise<number> => {
  let longestMs = 0
  for (let passedMs = 0; passedMs < ms; passedMs += lookMs) {
    nowMs += lookMs
    between()
    longestMs = Math.max(longestMs, watching.look()?.stalledMs ?? 0)
    await new Promise(setImmediate)
  }
  return longestMs / 1000
}
const reasons = (checks: readonly Check[]): Record<string, string> =>
  Object.fromEntries(
    checks.flatMap(({ name, reason }) => (reason === null ? [] : [[name, reason]])),
  )

beforeEach(() => {
  nowMs = 0
  fake = { end: 10, lastMs: 1_000_000, failure: null, isSilent: false }
  metrics = openMetrics()
  watching = vigil({ metrics, lookMs, watchdogMs, monotonicMs: () => nowMs })
  watching.begin(log as Log, 1)
  watching.noteLog({ kind: 'joined', processor: 'aggregator' })
})

describe('the progress of a task', () => {
  it('is missed when there is something to do and nothing is committed', async () => {
    acquired(0)
    expect(await pass(watchdogMs + 2 * lookMs)).toBeGreaterThanOrEqual(60)
    expect(reasons(watching.health())).toHaveProperty('progress')
    expect(reasons(watching.readiness())).toHaveProperty('progress')
    committed(10)
    expect(await pass(lookMs)).toBe(0)
    expect(reasons(watching.health())).toEqual({})
  })

  it('is missed when a task cannot be opened', async () => {
    tell({ kind: 'opening' })
    expect(await pass(watchdogMs + 2 * lookMs)).toBeGreaterThanOrEqual(60)
  })

  it('is missed when commits go on that bring nothing further', async () => {
    acquired(0)
    expect(
      await pass(watchdogMs + 3 * lookMs, () => {
        committed(3)
      }),
    ).toBeGreaterThanOrEqual(60)
  })

  it('is missed when all is read and the commit does not end', async () => {
    acquired(0)
    tell({ kind: 'polled', sources: [source(10)], arrived: [] })
    expect(await pass(watchdogMs + 2 * lookMs)).toBeGreaterThanOrEqual(60)
  })

  it('is not missed while a task waits for somebody else, who is named, and is afterwards', async () => {
    acquired(0)
    tell({ kind: 'waiting', reason: 'configuration 5: the catalog does not hold it' })
    expect(await pass(10 * watchdogMs)).toBe(0)
    expect(reasons(watching.health())).toEqual({})
    expect(reasons(watching.readiness())).toMatchObject({
      tasks: 'aggregator/0 waits: configuration 5: the catalog does not hold it',
    })
    tell({ kind: 'resumed' })
    expect(reasons(watching.readiness())).not.toHaveProperty('tasks')
    expect(await pass(watchdogMs + 2 * lookMs)).toBeGreaterThanOrEqual(60)
  })

  it('waits for nothing any more when its task has failed, or is opened again', async () => {
    acquired(10)
    tell({ kind: 'waiting', reason: 'something' })
    tell({ kind: 'failed', error: new Error('no answer') })
    expect(reasons(watching.readiness())).toMatchObject({ tasks: 'aggregator/0 failed' })
    tell({ kind: 'waiting', reason: 'something' })
    acquired(10)
    expect(reasons(watching.readiness())).not.toHaveProperty('tasks')
  })

  it('is not missed in a quiet log', async () => {
    acquired(10)
    expect(await pass(10 * watchdogMs)).toBe(0)
  })

  it('is not missed in a source that is held back', async () => {
    acquired(0, true)
    expect(await pass(10 * watchdogMs)).toBe(0)
  })

  it('is another member’s concern when a task that failed here has fallen to it', async () => {
    acquired(0)
    tell({ kind: 'failed', error: new Error('no broker') })
    expect(reasons(watching.readiness()).tasks).toBe('aggregator/0 failed')
    tell({ kind: 'moved' })
    expect(await pass(10 * watchdogMs)).toBe(0)
    expect(reasons(watching.readiness())).toEqual({})
  })

  it('is not missed in a long restore that gets on, and is in one that does not', async () => {
    fake.end = 1000
    tell({ kind: 'opening' })
    tell({ kind: 'acquired', sources: [source(0)], through: [source(900)] })
    let position = 0
    const reading = (): void => {
      tell({ kind: 'polled', sources: [source(++position)], arrived: [] })
    }
    expect(await pass(10 * watchdogMs, reading)).toBe(0)
    expect(reasons(watching.readiness()).tasks).toBe('aggregator/0 restoring')
    expect(await pass(watchdogMs + lookMs)).toBeGreaterThanOrEqual(60)
  })

  it('is not missed while the log cannot be asked, and counts anew afterwards', async () => {
    acquired(0)
    expect(await pass(40_000)).toBeGreaterThan(0)
    fake.failure = new Error('no broker')
    await pass(2 * lookMs)
    expect(await pass(10 * watchdogMs)).toBe(0)
    expect(reasons(watching.readiness())).toMatchObject({ log: 'no broker' })
    fake.failure = null
    expect(await pass(40_000)).toBeLessThanOrEqual(40)
  })

  it('is not missed while a log does not answer at all', async () => {
    acquired(0)
    fake.isSilent = true
    expect(await pass(10 * watchdogMs)).toBe(0)
    expect(reasons(watching.readiness()).log).toMatch(/^no answer for \d+ ms$/)
  })

  it('is not missed by a machine that slept', async () => {
    acquired(0)
    await pass(40_000)
    nowMs += 8 * 3_600_000
    expect(await pass(lookMs)).toBeLessThanOrEqual(55)
  })

  it('is not missed in a task that fails and is taken up again', async () => {
    expect(
      await pass(10 * watchdogMs, () => {
        acquired(0)
        tell({ kind: 'failed', error: new Error('the store is down') })
      }),
    ).toBe(0)
    expect(reasons(watching.readiness()).tasks).toBe('aggregator/0 failed')
  })
})

describe('readiness', () => {
  it('is there when all tasks run and the log answers', async () => {
    acquired(10)
    expect(reasons(watching.readiness())).toEqual({ log: 'not asked yet', lag: 'unknown' })
    await pass(lookMs)
    expect(reasons(watching.readiness())).toEqual({})
  })

  it('is missing outside the group, and so is health once the group was lost', async () => {
    acquired(10)
    await pass(lookMs)
    const group = 'p.tidemark-aggregator'
    watching = vigil({ metrics, lookMs, watchdogMs, monotonicMs: () => nowMs })
    watching.begin(log as Log, 1)
    expect(reasons(watching.readiness()).joined).toBe('joined 0 of 1 processors')
    watching.noteLog({ kind: 'membership-lost', group, reason: 'no heartbeat in time' })
    expect(reasons(watching.readiness()).joined).toBe(`${group}: lost`)
    expect(reasons(watching.health()).membership).toBe(`${group}: no heartbeat in time`)
    watching.noteLog({ kind: 'joined', group, tasks: [] })
    expect(reasons(watching.health())).toEqual({})
  })

  it('is missing after the event loop was blocked, and back with the next look', async () => {
    acquired(10)
    await pass(2 * lookMs)
    nowMs += 20_000
    expect(reasons(watching.health())['event-loop']).toMatch(/blocked for 15000 ms/)
    await pass(2 * lookMs)
    expect(reasons(watching.health())).toEqual({})
  })
})
