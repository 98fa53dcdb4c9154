import { expect, it } from '@jest/globals'
import type { Milestone } from '@tidemark/log'
import type { Checkpoint, Processor } from '@tidemark/model'
import { runTask } from './run-task.ts'
import { countingProcessor, engineWorld } from './testing/engine-world.ts'

/** The milestones of two records, one commit each; `parts` are saved beside the position. */
const milestonesOf = async (
  saved: Checkpoint | null,
  parts: readonly string[],
): Promise<readonly Milestone[]> => {
  const told: Milestone[] = []
  const world = engineWorld({ reached: (milestone) => void told.push(milestone) }, saved)
  const stop = new AbortController()
  world.append('requests', 1)
  world.at(1000, () => world.append('requests', 1))
  world.at(2000, () => stop.abort())
  await runTask(withParts(parts), world.session, world.options, stop.signal)
  expect(world.commits).toHaveLength(2)
  return told
}

/** Saves a new state with every commit. */
const withParts = (parts: readonly string[]): Processor => {
  const processor = countingProcessor({ topics: ['requests'] })
  return {
    ...processor,
    open: async (task, saved) => {
      const fold = await processor.open(task, saved)
      const states = (): Checkpoint => new Map(parts.map((name) => [name, new Uint8Array(1)]))
      return { ...fold, checkpoint: () => new Map([...fold.checkpoint(), ...states()]) }
    },
  }
}

it('tells of what was fetched, folded and committed', async () => {
  const round = ['fetched', 'folded', 'committed']
  expect(await milestonesOf(null, [])).toEqual([...round, ...round])
})

it('tells of a restore until the first commit that follows a checkpoint', async () => {
  expect(await milestonesOf(new Map(), [])).toEqual([
    ...['fetched', 'folded', 'restoring', 'committed'],
    ...['fetched', 'folded', 'committed'],
  ])
})

it('tells of a snapshot where more is saved than how far the task has come', async () => {
  const round = ['fetched', 'folded', 'snapshotting', 'committed']
  expect(await milestonesOf(null, ['state'])).toEqual([...round, ...round])
})
