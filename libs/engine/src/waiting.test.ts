import { describe, expect, it } from '@jest/globals'
import type { Processor } from '@tidemark/model'
import { runTask } from './run-task.ts'
import { countingProcessor, engineWorld } from './testing/engine-world.ts'

/** Looks for something, which is there from the n-th look on; until then the record `stopsAt` is not worked off. */
type Missing = { looks: number; readonly foundAtLook: number; readonly stopsAt: number }

/** As the evaluator: it stops in front of a record, where a commit may stand, and looks for what it needs to go on. */
const waitingProcessor = (
  missing: Missing,
  onLook: (look: number) => Promise<string | null>,
): Processor => {
  const processor = countingProcessor({ topics: ['aggregates'] })
  return {
    ...processor,
    open: async (task, saved) => {
      const fold = await processor.open(task, saved)
      const isMissing = (): boolean =>
        missing.looks < missing.foundAtLook && fold.sources()[0]!.position === missing.stopsAt
      return {
        ...fold,
        // One record is at most so many units.
        work: (_units, emit) => isMissing() || fold.work(1, emit),
        missing: () => (isMissing() ? onLook(++missing.looks) : null),
      }
    },
  }
}

const found = (missing: Missing, look: number): string | null =>
  look < missing.foundAtLook ? `look ${look}` : null

describe('a fold that misses something', () => {
  it('goes on when it is there, with everything before it committed', async () => {
    const events: string[] = []
    const world = engineWorld({
      commitIntervalMs: 3_600_000,
      observe: (event) => {
        if (event.kind === 'waiting') events.push(`waits: ${event.reason}`)
        if (event.kind === 'resumed') events.push('resumed')
        if (event.kind === 'committed') events.push(`committed ${event.sources[0]!.position}`)
      },
    })
    const stop = new AbortController()
    const missing = { looks: 0, foundAtLook: 4, stopsAt: 2 }
    const processor = waitingProcessor(missing, (look) => {
      world.pass(1000)
      return Promise.resolve(look === 2 ? 'look 1' : found(missing, look))
    })
    world.append('aggregates', 1, 1, 1, 1)
    world.at(9000, () => stop.abort())
    await runTask(processor, world.session, world.options, stop.signal)
    expect(events).toEqual([
      'committed 2',
      ...['waits: look 1', 'waits: look 3', 'resumed'],
      'committed 4',
    ])
    expect(missing.looks).toBe(4)
    expect(world.commits.flatMap(({ outputs }) => outputs)).toHaveLength(400)
  })

  it('says nothing of what the first look finds', async () => {
    const kinds = new Set<string>()
    const world = engineWorld({ observe: ({ kind }) => void kinds.add(kind) })
    const stop = new AbortController()
    const missing = { looks: 0, foundAtLook: 1, stopsAt: 1 }
    world.append('aggregates', 1, 1)
    world.at(1000, () => stop.abort())
    const processor = waitingProcessor(missing, () => Promise.resolve(null))
    await runTask(processor, world.session, world.options, stop.signal)
    expect(missing.looks).toBe(1)
    expect(kinds).not.toContain('waiting')
    expect(kinds).not.toContain('resumed')
  })

  it('can be given up while it waits, though nobody ever answers', async () => {
    const world = engineWorld({ commitIntervalMs: 3_600_000 })
    const stop = new AbortController()
    const missing = { looks: 0, foundAtLook: Infinity, stopsAt: 1 }
    const processor = waitingProcessor(missing, () => {
      setImmediate(() => stop.abort())
      return new Promise(() => undefined)
    })
    world.append('aggregates', 1, 1, 1)
    await runTask(processor, world.session, world.options, stop.signal)
    expect(world.commits.map(({ positions }) => positions[0]!.position)).toEqual([1])
    // What was fetched behind it is its successor's.
    expect(world.commits.flatMap(({ outputs }) => outputs)).toHaveLength(100)
  })

  it('fails its task when the look fails, and not before somebody waits for it', async () => {
    const world = engineWorld()
    const missing = { looks: 0, foundAtLook: Infinity, stopsAt: 0 }
    world.append('aggregates', 1)
    const processor = waitingProcessor(missing, () => Promise.reject(new Error('no answer')))
    await expect(
      runTask(processor, world.session, world.options, new AbortController().signal),
    ).rejects.toThrow('no answer')
  })
})
