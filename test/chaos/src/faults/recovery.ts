import { processorNames, type ProcessorName } from '../progress.ts'
import { within } from '../waiting.ts'
import type { World } from '../world.ts'

/**
 * Nothing that a fault does lasts longer than this once it has passed. Some ten seconds is what it takes; this is for machines that are busy with
 * other things, and costs nothing where all goes well.
 */
export const recoveryMsMax = 150_000

export const tasksOf = ({ layout }: World): Readonly<Record<ProcessorName, number>> => ({
  aggregator: layout.partitions,
  evaluator: layout.partitions,
  reporter: 1,
  sink: layout.partitions,
})

/** Waits until every task was committed by somebody, and the load was acknowledged something, since now. */
export const recovered = async (world: World, after: string): Promise<void> => {
  const sinceMs = performance.now()
  const acked = world.load.acked()
  const tasks = tasksOf(world)
  const isWell = (): boolean =>
    world.fleet.behind(sinceMs, tasks).length === 0 && world.load.acked() > acked
  if (!(await within(recoveryMsMax, isWell)))
    throw new Error(
      `${stuckIn(world, sinceMs, acked).join(', ')}: not going on ${recoveryMsMax} ms after ${after}. ${stateOf(world, sinceMs)}`,
    )
  const tookMs = Math.round(performance.now() - sinceMs)
  world.note(`recovered from ${after} within ${tookMs} ms`)
}

/** What has not gone on: tasks that nobody committed, and the load where nothing was acknowledged. */
const stuckIn = (world: World, sinceMs: number, ackedBefore: number): readonly string[] => [
  ...world.fleet.behind(sinceMs, tasksOf(world)),
  ...(world.load.acked() > ackedBefore ? [] : ['load']),
]

const stateOf = ({ fleet, load }: World, sinceMs: number): string => {
  const of = (name: ProcessorName): string =>
    fleet
      .of(name)
      .map((worker) => {
        const commits = [...worker.commits()].map(
          ([task, ms]) => `task ${task} ${ms > sinceMs ? '+' : ''}${Math.round(ms - sinceMs)} ms`,
        )
        return `${worker.name} ${worker.isAlive() ? '' : 'down '}(${commits.join(', ')})`
      })
      .join(', ')
  return `${processorNames.map(of).join(', ')}; acknowledged ${load.acked()}`
}

/** Whether there is work that a fault can hit: somebody of each processor committed a moment ago. */
export const isBusy = ({ fleet }: World): boolean =>
  processorNames.every((processor) =>
    fleet
      .of(processor)
      .some((worker) =>
        [...worker.commits().values()].some((ms) => ms > performance.now() - busyMsMax),
      ),
  )

const busyMsMax = 3000

/** Waits for that moment; false where it does not come. */
export const untilBusy = (world: World): Promise<boolean> =>
  within(recoveryMsMax, () => isBusy(world))
