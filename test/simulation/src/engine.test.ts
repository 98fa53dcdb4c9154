import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { aggregator } from '@tidemark/aggregator'
import { systemClock, type OpenApp } from '@tidemark/assembly'
import { encodeOutput } from '@tidemark/codec'
import { catchUp, runProcessor, type EngineOptions } from '@tidemark/engine'
import { FencedError, UnavailableError, type Log } from '@tidemark/log'
import { defaultLayout, type Layout } from '@tidemark/model'
import { live, trafficOf } from '@tidemark/traffic'
import fc from 'fast-check'
import { digestsOf, fill, temporaryFolders, withFolder } from './folders.ts'

const layout: Layout = { ...defaultLayout, partitions: 3, timestamps: 'producer' }
const outputs = ['aggregates', 'rejected'] as const
const options: EngineOptions = {
  encode: encodeOutput,
  partitions: layout.partitions,
  clock: systemClock,
  ticks: null,
  // Every look at the clock finds a commit due.
  commitIntervalMs: 0,
}
const never = new AbortController().signal

const folders = temporaryFolders()
const inputs = folders.empty()
let app: OpenApp
let expected: Readonly<Record<string, string>>

beforeAll(async () => {
  await fill(inputs, layout, trafficOf(live({ durationUs: 90_000_000, rate: 0.3 }), { seed: 3 }))
  app = await aggregator.open({ layout, store: '' })
  const folder = folders.copyOf(inputs)
  expected = await withFolder(folder, async (log) => {
    await catchUp(log, app.processor, options, never)
    return digestsOf(log, outputs)
  })
})
afterAll(() => folders.remove())

/** A log whose owners lose the task or the log, before or after a commit, as often as `fates` says. */
const troubled = (log: Log, fates: readonly Fate[]): Log => {
  let next = 0
  return {
    ...log,
    host: (spec, run, signal) =>
      log.host(
        spec,
        (session, taskSignal) => {
          const commit: typeof session.commit = async (what) => {
            const fate = fates[next++] ?? 'fine'
            if (fate === 'before') throw new UnavailableError('lost before the commit')
            await session.commit(what)
            if (fate === 'after') throw new FencedError('lost after the commit')
          }
          return run({ ...session, commit }, taskSignal)
        },
        signal,
      ),
  }
}

type Fate = 'fine' | 'before' | 'after'

describe('a processor on the engine', () => {
  it('has outputs of both kinds of inputs in every partition to compare', () => {
    const names = Object.keys(expected)
    for (const partition of [0, 1, 2])
      expect(names.filter((name) => name.startsWith(`aggregates/${partition} `))).toHaveLength(3)
  })

  it('writes the same, each record once, however often it is stopped and loses its task (I5, I6)', async () => {
    const anyRun = fc.record({
      // After so many commits it is told to stop, and starts again.
      stops: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }),
      fates: fc.array(fc.constantFrom<Fate>('fine', 'fine', 'fine', 'before', 'after'), {
        maxLength: 12,
      }),
    })
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ stops, fates }) => {
        const folder = folders.copyOf(inputs)
        for (const stopAfter of stops)
          await withFolder(folder, async (log) => {
            const stop = new AbortController()
            let commits = 0
            const observe: EngineOptions['observe'] = ({ kind }) => {
              if (kind === 'committed' && ++commits >= stopAfter) stop.abort()
            }
            // Ends also where there are fewer commits left.
            await catchUp(log, app.processor, { ...options, observe }, stop.signal)
          })
        await withFolder(folder, async (log) => {
          await catchUp(troubled(log, fates), app.processor, options, never)
          expect(await digestsOf(log, outputs)).toEqual(expected)
        })
      }),
      { numRuns: 8 },
    )
  })
})

describe('catching up', () => {
  it('returns at once where there is nothing to read', async () => {
    const folder = folders.empty()
    await fill(folder, layout, null)
    await withFolder(folder, async (log) => {
      await catchUp(log, app.processor, options, never)
      expect(await digestsOf(log, outputs)).toEqual({})
    })
  })

  it('writes no ticks, even where it may', async () => {
    const folder = folders.copyOf(inputs)
    await withFolder(folder, async (log) => {
      const before = await log.bounds('requests')
      const ticks = { value: new Uint8Array(1), intervalMs: 0 }
      await catchUp(log, app.processor, { ...options, ticks }, never)
      expect(await log.bounds('requests')).toEqual(before)
    })
  })

  it('waits for tasks that another member owns', async () => {
    const folder = folders.copyOf(inputs)
    await withFolder(folder, (log) =>
      withFolder(folder, async (other) => {
        const stop = new AbortController()
        let acquired = 0
        let owned = (): void => undefined
        const allOwned = new Promise<void>((resolve) => (owned = resolve))
        const observe: EngineOptions['observe'] = ({ kind }) => {
          if (kind === 'acquired' && ++acquired === layout.partitions) owned()
        }
        const running = runProcessor(other, app.processor, { ...options, observe }, stop.signal)
        await allOwned
        await catchUp(log, app.processor, options, never)
        stop.abort()
        await running
        expect(await digestsOf(log, outputs)).toEqual(expected)
      }),
    )
  })

  it('ends when it is told to, caught up or not', async () => {
    const folder = folders.copyOf(inputs)
    await withFolder(folder, async (log) => {
      await catchUp(log, app.processor, options, AbortSignal.abort())
      expect(await digestsOf(log, outputs)).toEqual({})
    })
  })

  it('fails with an error that will not pass, when all its tasks have been given back', async () => {
    const folder = folders.copyOf(inputs)
    await withFolder(folder, async (log) => {
      const mistake = new Error('not to be retried')
      const open = (): never => {
        throw mistake
      }
      await expect(catchUp(log, { ...app.processor, open }, options, never)).rejects.toBe(mistake)
      await catchUp(log, app.processor, options, never)
      expect(await digestsOf(log, outputs)).toEqual(expected)
    })
  })
})
