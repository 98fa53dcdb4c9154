import { describe, expect, it } from '@jest/globals'
import { FencedError, type Want } from '@tidemark/log'
import type { Checkpoint, Offset } from '@tidemark/model'
import type { EngineEvent } from './options.ts'
import { runTask } from './run-task.ts'
import { countingProcessor, engineWorld } from './testing/engine-world.ts'

const saved: Checkpoint = new Map([['state', new Uint8Array(1)]])
const committedAt = (topic: Want['topic'], position: number): Want => ({
  topic,
  partition: 3,
  position: position as Offset,
})

/** A task whose fold starts from 0 though `requests` is committed to 5, and what it told. */
const restoredWorld = () => {
  const told: EngineEvent[] = []
  const observe = (event: EngineEvent): void => void told.push(event)
  const world = engineWorld({ observe }, saved, [committedAt('requests', 5)])
  return { world, told, kinds: () => told.map(({ kind }) => kind) }
}

const positionsOf = (world: ReturnType<typeof engineWorld>) =>
  world.commits.map(({ positions }) => positions.map(({ position }) => position))

describe('a task that reads again what was committed', () => {
  it('commits nothing before it is through, and no position below it', async () => {
    const { world, kinds } = restoredWorld()
    const stop = new AbortController()
    world.append('requests', 0)
    for (let record = 1; record < 5; record++)
      world.at(record * 1000, () => world.append('requests', 0))
    world.at(7000, () => world.append('requests', 0))
    world.at(9000, () => stop.abort())
    const processor = countingProcessor({ topics: ['requests'] })
    await runTask(processor, world.session, world.options, stop.signal)
    expect(positionsOf(world)).toEqual([[5], [6]])
    expect(world.commits[0]!.atMs).toBeGreaterThanOrEqual(4000)
    expect(kinds().filter((kind) => kind !== 'polled')).toEqual([
      ...['opening', 'acquired', 'restored', 'committed', 'committed', 'released'],
    ])
  })

  it('commits nothing when it is to be given up on the way', async () => {
    const { world, kinds } = restoredWorld()
    const stop = new AbortController()
    world.append('requests', 0, 0)
    world.at(1000, () => stop.abort())
    const processor = countingProcessor({ topics: ['requests'] })
    await runTask(processor, world.session, world.options, stop.signal)
    expect(world.commits).toEqual([])
    expect(kinds()).not.toContain('restored')
    expect(kinds().at(-1)).toBe('released')
  })

  it('commits what another source has to say meanwhile when it is much, with positions that do not go back', async () => {
    const { world } = restoredWorld()
    const stop = new AbortController()
    world.append('requests', 0, 0)
    world.append('facts', ...Array.from({ length: 250 }, () => 1))
    world.at(1000, () => stop.abort())
    const processor = countingProcessor({ topics: ['requests', 'facts'] })
    await runTask(processor, world.session, world.options, stop.signal)
    expect(world.commits.length).toBeGreaterThanOrEqual(1)
    for (const [requests] of positionsOf(world)) expect(requests).toBe(5)
    expect(positionsOf(world).at(-1)).toEqual([5, 250])
  })

  it('commits where it stands when its position is kept elsewhere, and was lost', async () => {
    const { world } = restoredWorld()
    const stop = new AbortController()
    world.append('requests', 0, 0)
    world.at(1000, () => stop.abort())
    const persist = () => Promise.resolve()
    const processor = countingProcessor({ topics: ['requests'], persist })
    await runTask(processor, world.session, world.options, stop.signal)
    expect(positionsOf(world).at(-1)).toEqual([2])
  })

  it('commits once though nothing is new, which says that it is at work', async () => {
    const world = engineWorld({}, saved)
    const stop = new AbortController()
    world.at(10_000, () => stop.abort())
    const processor = countingProcessor({ topics: ['requests'] })
    await runTask(processor, world.session, world.options, stop.signal)
    expect(positionsOf(world)).toEqual([[0]])
  })
})

it('tells of the error that a task ends with, and of no release', async () => {
  const { world, told, kinds } = restoredWorld()
  const error = new FencedError('somebody else owns it')
  world.append('requests', 0, 0, 0, 0, 0, 1)
  world.failCommits(error)
  const processor = countingProcessor({ topics: ['requests'] })
  const run = runTask(processor, world.session, world.options, new AbortController().signal)
  await expect(run).rejects.toBe(error)
  expect(told.at(-1)).toEqual({ kind: 'failed', error, processor: 'test', task: 3 })
  expect(kinds()).not.toContain('released')
})

it('tells of a task that could not be opened', async () => {
  const { world, kinds } = restoredWorld()
  const error = new Error('no such state')
  const processor = {
    ...countingProcessor({ topics: ['requests'] }),
    open: () => Promise.reject(error),
  }
  const run = runTask(processor, world.session, world.options, new AbortController().signal)
  await expect(run).rejects.toBe(error)
  expect(kinds()).toEqual(['opening', 'failed'])
})
