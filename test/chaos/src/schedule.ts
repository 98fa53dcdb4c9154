import { setTimeout } from 'node:timers/promises'
import { milestones } from '@tidemark/log'
import {
  killBroker,
  killCoordinator,
  pauseBroker,
  restartDuringCommit,
  stall,
  stopBroker,
} from './faults/brokers.ts'
import { crashAtMilestones } from './faults/crash-points.ts'
import {
  killLoad,
  killOneOfEach,
  killSeveral,
  leaveAndCome,
  makeZombie,
} from './faults/processes.ts'
import { disturb, requestFault, targets } from './faults/requests.ts'
import { processorNames } from './progress.ts'
import { actions } from './proxy/faults.ts'
import { crashFault } from './tally.ts'
import type { World } from './world.ts'

const crashesEach = 5

/** What a run of the slice must hit at least, and how often. */
export const sliceFloors: Readonly<Record<string, number>> = {
  ...Object.fromEntries(milestones.map((at) => [crashFault(at), crashesEach])),
  ...Object.fromEntries(processorNames.map((processor) => [`SIGKILL: ${processor}`, 1])),
  'SIGKILL: load': 1,
  'member leaves': 2,
  'member comes': 2,
  'zombie: aggregator': 1,
  'zombie: evaluator': 1,
  'zombie: sink': 1,
  ...Object.fromEntries(
    actions.flatMap((action) => targets.map((target) => [requestFault({ action, ...target }), 1])),
  ),
  'broker: SIGKILL': 2,
  'broker: SIGSTOP': 1,
  'broker: SIGTERM': 1,
  'broker: restart during a commit': 1,
  'brokers: SIGSTOP of the majority': 1,
  'ready: no, in a stall': 1,
  'ready: yes, after it': 1,
  'leader move': 2,
  'coordinator loss': 1,
}

type Step = readonly [name: string, run: (world: World) => Promise<void>]

const crashMsMax = 450_000

const steps: readonly Step[] = [
  ['crashes', (world) => crashAtMilestones(world, milestones, crashesEach, crashMsMax)],
  ...actions.map((action): Step => [action, (world) => disturb(world, action, targets)]),
  ['kill one of each', killOneOfEach],
  ['kill several', killSeveral],
  ['kill the load', killLoad],
  ['member of the aggregator', (world) => leaveAndCome(world, 'aggregator')],
  ['member of the sink', (world) => leaveAndCome(world, 'sink')],
  ['zombie aggregator', (world) => makeZombie(world, 'aggregator')],
  ['zombie evaluator', (world) => makeZombie(world, 'evaluator')],
  ['zombie sink', (world) => makeZombie(world, 'sink')],
  ['kill a broker', killBroker],
  ['stop a broker', stopBroker],
  ['pause a broker', pauseBroker],
  ['kill the coordinator', killCoordinator],
  ['restart during a commit', restartDuringCommit],
  ['stall', stall],
]

const take = async (world: World, [name, run]: Step): Promise<void> => {
  const startedMs = performance.now()
  world.note(`-- ${name}`)
  await run(world)
  world.note(`-- ${name}: ${Math.round(performance.now() - startedMs)} ms`)
}

/** Within this every kind of fault has begun; some five minutes on a machine that does nothing else. */
export const everyFaultMsMax = 1_200_000

/** Every kind of fault, in an order that the seed draws. */
export const everyFault = async (world: World): Promise<void> => {
  const endMs = performance.now() + everyFaultMsMax
  const left = [...steps]
  while (left.length > 0) {
    if (performance.now() > endMs)
      throw new Error(
        `after ${everyFaultMsMax} ms still to come: ${left.map(([name]) => name).join(', ')}`,
      )
    await take(world, left.splice(world.random.integer(0, left.length - 1), 1)[0]!)
  }
}

const quietMsMax = 10_000

/** Faults at random, quiet for a quarter of the time, until time is up. */
export const randomFaults = async (world: World, minutes: number): Promise<void> => {
  const endMs = performance.now() + minutes * 60_000
  while (performance.now() < endMs) {
    if (world.random.share() < 0.25) await setTimeout(world.random.integer(1000, quietMsMax))
    else await take(world, world.random.pick([...steps.slice(1), someCrashes]))
  }
}

/** The floors are reached by then: one more of some. */
const someCrashes: Step = [
  'some crashes',
  async (world) => {
    const at = world.random.pick(milestones)
    await crashAtMilestones(world, [at], world.tally.times(crashFault(at)) + 2, someMsMax)
  },
]
const someMsMax = 30_000
