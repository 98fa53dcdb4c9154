import { describe, expect, it } from '@jest/globals'
import { FencedError } from '@tidemark/log'
import type { EngineOptions } from './options.ts'
import { runTask } from './run-task.ts'
import { countingProcessor, engineWorld, wholeRecords } from './testing/engine-world.ts'

const positions = (world: ReturnType<typeof engineWorld>) =>
  world.commits.map((commit) => commit.positions.map(({ position }) => position))

describe('commits', () => {
  it('hold whole records only, though they fall due in the middle of one', async () => {
    const world = engineWorld()
    const stop = new AbortController()
    const counts = [9, 1, 30, 7, 7, 12, 1, 1, 25, 3, 40, 2, 2, 17, 6, 6, 6, 11]
    world.append('requests', ...counts)
    world.at(20_000, () => stop.abort())
    const processor = countingProcessor({ topics: ['requests'], onWork: () => world.pass(150) })
    await runTask(processor, world.session, world.options, stop.signal)
    expect(world.commits.length).toBeGreaterThan(2)
    const committed = world.commits.map(({ outputs }) => wholeRecords(outputs, (i) => counts[i]!))
    expect(committed.flat()).toEqual(counts.map((_, i) => i))
    let position = 0
    for (const [i, commit] of world.commits.entries()) {
      position += committed[i]!.length
      expect(commit.positions.map((at) => at.position)).toEqual([position])
      expect(commit.checkpoint.get('positions')).toEqual(Uint8Array.of(position))
    }
  })

  it('take in what follows a commit in the middle of the last batch there is', async () => {
    const world = engineWorld()
    const stop = new AbortController()
    world.append('requests', ...Array.from({ length: 20 }, () => 3))
    let works = 0
    // The second look at the clock finds a commit due; nothing else takes time.
    const onWork = () => {
      if (++works === 2) world.pass(500)
    }
    world.at(1000, () => stop.abort())
    world.at(900, () => {
      expect(positions(world).at(-1)).toEqual([20])
    })
    await runTask(
      countingProcessor({ topics: ['requests'], onWork }),
      world.session,
      world.options,
      stop.signal,
    )
    expect(world.commits.length).toBeGreaterThan(1)
    expect(positions(world).at(-1)).toEqual([20])
  })

  it('hold all that arrived together, at the time at which the first of it was due', async () => {
    const world = engineWorld({ commitIntervalMs: 200 })
    const stop = new AbortController()
    const topics = ['requests', 'health-checks', 'facts'] as const
    for (const ms of [1000, 2000])
      world.at(ms, () => {
        for (const topic of topics) world.append(topic, 1)
      })
    world.at(3000, () => stop.abort())
    await runTask(countingProcessor({ topics }), world.session, world.options, stop.signal)
    expect(positions(world)).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ])
    expect(world.commits.map(({ atMs }) => atMs)).toEqual([1000, 2000])
  })

  it('come at most every interval while little happens, and not at all while nothing does', async () => {
    const world = engineWorld({ commitIntervalMs: 200 })
    const stop = new AbortController()
    for (let ms = 10; ms < 2000; ms += 10) world.at(ms, () => world.append('requests', 1))
    world.at(10_000, () => stop.abort())
    await runTask(
      countingProcessor({ topics: ['requests'] }),
      world.session,
      world.options,
      stop.signal,
    )
    const times = world.commits.map(({ atMs }) => atMs)
    for (const [i, ms] of times.slice(1).entries())
      expect(ms - times[i]!).toBeGreaterThanOrEqual(200)
    expect(times.length).toBeGreaterThanOrEqual(9)
    expect(times.at(-1)).toBeLessThan(2300)
  })

  it('do not wait for the interval when 20,000 outputs or 16 MB of them wait', async () => {
    for (const bytes of [10, 10_000]) {
      const value = new Uint8Array(bytes)
      const world = engineWorld({
        commitIntervalMs: 3_600_000,
        encode: () => ({ key: null, value }),
      })
      const stop = new AbortController()
      world.append('requests', ...Array.from({ length: 500 }, () => 1))
      world.at(1000, () => stop.abort())
      await runTask(
        countingProcessor({ topics: ['requests'] }),
        world.session,
        world.options,
        stop.signal,
      )
      for (const { outputs } of world.commits.slice(0, -1)) {
        const [over, below] = bytes === 10 ? [20_000, outputs.length] : [1600, outputs.length]
        expect(below).toBeGreaterThanOrEqual(over)
        // At most one slice past the bound, rounded up to a record.
        expect(below).toBeLessThan(over + 512 + 100)
      }
      expect(world.commits.length).toBeGreaterThan(2)
      expect(world.commits.reduce((sum, { outputs }) => sum + outputs.length, 0)).toBe(50_000)
    }
  })

  it.each([
    ['one below', -1, 0],
    ['at', 0, 1],
    ['one above', 1, 1],
  ])(
    'wait for the interval with outputs %s the bound that was set, or not',
    async (_, by, commits) => {
      const run = async (
        bounds: Partial<EngineOptions>,
      ): Promise<[seen: number, outputs: number]> => {
        const world = engineWorld({
          ...{
            commitIntervalMs: 3_600_000,
            encode: () => ({ key: null, value: new Uint8Array(7) }),
          },
          ...bounds,
        })
        const stop = new AbortController()
        world.append('requests', 1, 1, 1)
        let seen = -1
        world.at(1000, () => {
          seen = world.commits.length
          stop.abort()
        })
        const processor = countingProcessor({ topics: ['requests'] })
        await runTask(processor, world.session, world.options, stop.signal)
        return [seen, world.commits.reduce((sum, { outputs }) => sum + outputs.length, 0)]
      }
      const [seen, outputs] = await run({})
      expect(seen).toBe(0)
      expect(await run({ pendingOutputsMax: outputs - by })).toEqual([commits, outputs])
      expect(await run({ pendingBytesMax: 7 * outputs - by })).toEqual([commits, outputs])
    },
  )

  it('put outputs into the partition of the task, or the only one', async () => {
    for (const [output, partition] of [
      ['aggregates', 3],
      ['fleet', 0],
    ] as const) {
      const world = engineWorld()
      const stop = new AbortController()
      world.append('requests', 1)
      world.at(1000, () => stop.abort())
      const processor = countingProcessor({ topics: ['requests'], output })
      await runTask(processor, world.session, world.options, stop.signal)
      expect(new Set(world.commits[0]!.outputs.map((each) => each.partition))).toEqual(
        new Set([partition]),
      )
    }
  })

  it('come after the fold has made durable what does not go to the log', async () => {
    const world = engineWorld()
    const stop = new AbortController()
    const persisted: number[] = []
    world.append('requests', 1)
    world.at(1000, () => stop.abort())
    const persist = () => {
      persisted.push(world.commits.length)
      return Promise.resolve()
    }
    await runTask(
      countingProcessor({ topics: ['requests'], persist }),
      world.session,
      world.options,
      stop.signal,
    )
    expect(persisted).toEqual([0])
    expect(world.commits).toHaveLength(1)
  })

  it('that fail end the task with their error', async () => {
    const world = engineWorld()
    world.append('requests', 1)
    const error = new FencedError('somebody else owns it')
    world.failCommits(error)
    await expect(
      runTask(
        countingProcessor({ topics: ['requests'] }),
        world.session,
        world.options,
        new AbortController().signal,
      ),
    ).rejects.toBe(error)
  })
})

describe('a task that is to be given up', () => {
  it('ends at the next record boundary and commits what was done', async () => {
    const world = engineWorld()
    const stop = new AbortController()
    const counts = [1, 1, 40, 1, 1]
    world.append('requests', ...counts)
    let works = 0
    // In the third slice the long record is half done.
    const onWork = () => {
      if (++works === 3) stop.abort()
    }
    await runTask(
      countingProcessor({ topics: ['requests'], onWork }),
      world.session,
      world.options,
      stop.signal,
    )
    expect(positions(world)).toEqual([[4]])
    expect(wholeRecords(world.commits[0]!.outputs, (i) => counts[i]!)).toEqual([0, 1, 2, 3])
  })

  it('leaves batches that it has not begun to its successor', async () => {
    const world = engineWorld()
    const stop = new AbortController()
    world.append('requests', 1, 1)
    world.append('facts', 1)
    const fed: string[] = []
    await runTask(
      countingProcessor({
        topics: ['requests', 'facts'],
        onFeed: ({ topic }) => fed.push(topic),
        onWork: () => stop.abort(),
      }),
      world.session,
      world.options,
      stop.signal,
    )
    expect(fed).toEqual(['requests'])
    expect(positions(world)).toEqual([[2, 0]])
  })

  it('commits nothing when nothing was done', async () => {
    const world = engineWorld()
    await runTask(
      countingProcessor({ topics: ['requests'] }),
      world.session,
      world.options,
      AbortSignal.abort(),
    )
    expect(world.commits).toEqual([])
  })
})

describe('work', () => {
  it('breathes about every 50 ms, also between many small batches', async () => {
    const world = engineWorld({ commitIntervalMs: 3_600_000 })
    const stop = new AbortController()
    const onWork = () => {
      world.pass(10)
      if (world.clock.nowMs() < 2000) world.append('requests', 1)
      else stop.abort()
    }
    world.append('requests', 1)
    await runTask(
      countingProcessor({ topics: ['requests'], onWork }),
      world.session,
      world.options,
      stop.signal,
    )
    const gaps = world.breaths.map((ms, i) => ms - (world.breaths[i - 1] ?? 0))
    expect(world.breaths.length).toBeGreaterThanOrEqual(30)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60)
  })

  it('tells a fold that has nothing to read that its sources are read to their ends', async () => {
    const world = engineWorld()
    const stop = new AbortController()
    const ends: unknown[] = []
    let held = true
    world.append('requests', 1)
    world.append('facts', 1, 1)
    world.at(3000, () => stop.abort())
    await runTask(
      countingProcessor({
        topics: ['requests', 'facts'],
        held: (topic) => topic === 'requests' && held,
        onFeed: ({ topic, fromOffset, nextOffset, endOffset }) => {
          if (nextOffset > fromOffset) return
          ends.push([topic, endOffset])
          held = false
        },
      }),
      world.session,
      world.options,
      stop.signal,
    )
    expect(ends[0]).toEqual(['facts', 2])
    expect(positions(world).at(-1)).toEqual([1, 2])
  })
})

describe('ticks', () => {
  const ticks = { value: new Uint8Array(1), intervalMs: 1000 }

  it('go into a partition that is read to its end and quiet, one at a time', async () => {
    const world = engineWorld({ ticks })
    const stop = new AbortController()
    world.at(10_000, () => stop.abort())
    await runTask(
      countingProcessor({ topics: ['requests', 'facts'], ticks: ['requests'] }),
      world.session,
      world.options,
      stop.signal,
    )
    // Nobody reads this one back, so no other follows.
    expect(world.ticks).toEqual([{ topic: 'requests', atMs: 1000 }])
  })

  it('follow one another at the interval once they are read back', async () => {
    const world = engineWorld({ ticks })
    const stop = new AbortController()
    for (let ms = 1050; ms < 10_000; ms += 1050) world.at(ms, () => world.append('requests', 0))
    world.at(10_000, () => stop.abort())
    await runTask(
      countingProcessor({ topics: ['requests'], ticks: ['requests'] }),
      world.session,
      world.options,
      stop.signal,
    )
    const times = world.ticks.map(({ atMs }) => atMs)
    expect(times).toEqual([1000, 2050, 3100, 4150, 5200, 6250, 7300, 8350, 9400])
  })

  it('are not written where records come, where a source is held, and by nobody who may not', async () => {
    const world = engineWorld({ ticks })
    const stop = new AbortController()
    for (let ms = 500; ms < 10_000; ms += 500) world.at(ms, () => world.append('requests', 1))
    world.at(10_000, () => stop.abort())
    await runTask(
      countingProcessor({
        topics: ['requests', 'facts'],
        ticks: ['requests', 'facts'],
        held: (topic) => topic === 'facts',
      }),
      world.session,
      world.options,
      stop.signal,
    )
    expect(world.ticks).toEqual([])
  })
})
