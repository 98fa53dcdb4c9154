import type { Milestone } from '@tidemark/log'
import { processorNames, type ProcessorName } from '../progress.ts'
import { crashFault } from '../tally.ts'
import { within } from '../waiting.ts'
import type { World } from '../world.ts'
import { recovered } from './recovery.ts'

/** Which milestones the work of each processor passes, and dies at. */
const pointsOf: Readonly<Record<ProcessorName, readonly Milestone[]>> = {
  aggregator: [
    'fetched',
    'folded',
    'sent',
    'offsets-sent',
    'commit-sent',
    'committed',
    'restoring',
  ],
  evaluator: ['snapshotting', 'sent', 'offsets-sent', 'commit-sent', 'restoring', 'committed'],
  reporter: ['commit-sent', 'fetched', 'sent', 'restoring', 'offsets-sent', 'folded'],
  sink: ['rows-written', 'rows-committed', 'fetched', 'folded', 'restoring'],
}

/** A crash at a milestone that comes seldom, or in the beginning only, must not wait for many of them. */
const timesMaxOf = (at: Milestone): number => (at === 'restoring' || at === 'snapshotting' ? 1 : 6)

/**
 * Lets workers die at milestones until each was hit so many times, or time is up. There is one worker of each processor meanwhile: a group
 * waits for its dead members until their sessions end, and two that die in turn would wait for each other most of the time.
 */
export const crashAtMilestones = async (
  world: World,
  milestones: readonly Milestone[],
  each: number,
  msMax: number,
): Promise<void> => {
  const { tally, crashing, fleet } = world
  const alone = processorNames.map((processor) => fleet.of(processor)[0]!)
  const others = fleet.workers.filter((worker) => !alone.includes(worker))
  const renew = async (): Promise<void> => {
    // Lives that have begun keep to the plan of their beginning.
    await Promise.all(alone.map((worker) => worker.kill()))
  }
  await Promise.all(others.map((worker) => worker.stop()))
  crashing.plan = planOf(world, milestones, each)
  await renew()
  await within(msMax, () => milestones.every((at) => tally.times(crashFault(at)) >= each))
  crashing.plan = () => null
  await renew()
  for (const worker of others) worker.start()
  world.note(
    `crashes: ${milestones.map((at) => `${at} ${tally.times(crashFault(at))}`).join(', ')}`,
  )
  await recovered(world, 'crashes at milestones')
}

/** Each life dies at the milestone that its processor was sent to least often. */
const planOf = (
  { tally, random }: World,
  milestones: readonly Milestone[],
  each: number,
): World['crashing']['plan'] => {
  const planned = new Map<string, number>()
  return (processor) => {
    const points = pointsOf[processor].filter(
      (at) => milestones.includes(at) && tally.times(crashFault(at)) < each,
    )
    if (points.length === 0) return null
    const timesPlanned = (at: Milestone): number => planned.get(`${processor} ${at}`) ?? 0
    const at = points.reduce((least, point) =>
      timesPlanned(point) < timesPlanned(least) ? point : least,
    )
    planned.set(`${processor} ${at}`, timesPlanned(at) + 1)
    return { at, times: random.integer(1, timesMaxOf(at)) }
  }
}
