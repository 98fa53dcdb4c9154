import { partitionsOf, type TopicName } from '@tidemark/model'
import type { Broker } from './broker/broker.ts'
import type { Chronicle } from './chronicle.ts'
import type { Clocks } from './clocks.ts'
import type { Faults } from './faults.ts'
import type { Plan } from './plan.ts'
import { processorNames } from './programs.ts'
import type { Draws } from './random.ts'
import type { Scheduler } from './scheduler.ts'

type Disturbed = {
  readonly plan: Plan
  readonly time: Scheduler
  readonly chronicle: Chronicle
  readonly broker: Broker
  readonly faults: Faults
  readonly clocks: Clocks
  readonly draw: Draws
  /** Keeps the log at its size limit until then. */
  readonly fillUntil: (ms: number) => void
}

const roundMs = 500

/** Faults that strike by the clock rather than at a request: twice a second each has its chance. */
export const disturb = (world: Disturbed): void => {
  const { plan, time } = world
  const round = (): void => {
    rebalance(world)
    turnClocks(world)
    fill(world)
    retain(world)
    if (time.nowMs() + roundMs < plan.faultsUntilMs) time.at(time.nowMs() + roundMs, round)
  }
  time.at(plan.faultsFromMs, round)
}

const rebalance = ({ faults, broker, draw }: Disturbed): void => {
  if (faults.strikes('rebalance', 0.08)) broker.groups.disturb(draw.pick(processorNames))
}

const turnClocks = ({ faults, clocks, draw }: Disturbed): void => {
  const machines = clocks.machines()
  if (machines.length > 0 && faults.strikes('clock-jump', 0.15)) {
    const byMs = draw.chance(0.4) ? 0 : draw.between(-7_200_000, 7_200_000)
    clocks.set(draw.pick(machines), byMs)
  }
  if (faults.strikes('broker-clock-back', 0.08)) clocks.setBroker(draw.between(-4000, 9000))
}

const fill = ({ faults, time, fillUntil, draw }: Disturbed): void => {
  if (faults.strikes('log-full', 0.04)) fillUntil(time.nowMs() + draw.between(300, 4000))
}

/** Topics and who reads them: a task reads the partition of its own number. */
const readersOf: readonly (readonly [readers: readonly string[], topics: readonly TopicName[]])[] =
  [
    [['aggregator'], ['requests', 'health-checks', 'facts']],
    [['evaluator', 'sink'], ['aggregates']],
    [['sink'], ['assessments', 'alerts', 'platform-reports']],
    [['reporter', 'sink'], ['fleet']],
  ]

/** Removes everything, to the record, that no checkpoint needs. */
const retain = ({ broker, plan, faults, draw }: Disturbed): void => {
  const [readers, topics] = draw.pick(readersOf)
  const topic = draw.pick(topics)
  const index = draw.between(0, partitionsOf(topic, plan.layout.partitions) - 1)
  const partition = broker.partition(topic, index)
  const tasks = readers.map((processor) => ({ processor, task: index }))
  const below = broker.states.neededFrom(tasks, topic, index)
  if (below > partition.startOffset() && faults.strikes('retention', 0.8))
    partition.trim(below as Parameters<typeof partition.trim>[0])
}
