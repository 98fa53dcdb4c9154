import { configurationCatalog } from '@tidemark/assembly'
import { layoutRecord } from '@tidemark/codec'
import { catchUp, runProcessor } from '@tidemark/engine'
import { inputTopics, type TopicName } from '@tidemark/model'
import { openBroker, type Broker } from './broker/broker.ts'
import { openChronicle, type Chronicle } from './chronicle.ts'
import { simulatedLog } from './client/client.ts'
import { startProcess, type Process } from './client/process.ts'
import { clocksOf, type Clocks } from './clocks.ts'
import { openDatabase, type Database } from './database.ts'
import { faultsOf, type Faults } from './faults.ts'
import { produce } from './load.ts'
import { emptyDesk, operate } from './operators.ts'
import type { Plan } from './plan.ts'
import { engineOptions, processorNames, processorOf, type SimulatedProcessor } from './programs.ts'
import { draws, type Draws } from './random.ts'
import { rightBehaviour, type Sabotage } from './sabotage.ts'
import { scheduler, type Scheduler } from './scheduler.ts'
import { supervise, type Supervised, type SupervisorParts } from './supervisor.ts'
import { disturb } from './timed-faults.ts'

/** Brokers, a database, machines with clocks, programs and whoever disturbs them. */
export type World = {
  readonly plan: Plan
  readonly time: Scheduler
  readonly chronicle: Chronicle
  readonly broker: Broker
  readonly database: Database
  readonly producers: readonly Supervised[]
  readonly members: readonly Supervised[]
  /** Runs a processor to the end of its topics, in a process that nothing disturbs. */
  readonly finish: (name: SimulatedProcessor) => Promise<void>
}

/** What every program is made of. */
type Parts = {
  readonly plan: Plan
  readonly time: Scheduler
  readonly chronicle: Chronicle
  readonly broker: Broker
  readonly database: Database
  readonly faults: Faults
  readonly clocks: Clocks
  readonly sabotage: Sabotage
  readonly draw: Draws
}

export const openWorld = (plan: Plan, sabotage: Sabotage): World => {
  const time = scheduler(plan.startMs)
  const chronicle = openChronicle(time)
  const faults = faultsOf(plan, time, chronicle)
  const clocks = clocksOf(plan, time)
  const draw = draws(plan.seed, 'world')
  let fullUntilMs = 0
  const { sessionMs, rebalanceMs, transactionMs } = plan
  const broker = openBroker({
    ...{ time, chronicle, sessionMs, rebalanceMs, transactionMs },
    wallMs: clocks.brokerMs,
    stampsGoBack: plan.rates['broker-clock-back'] > 0,
    markerDelayMs: faults.markerDelayMs,
    isFull: () => time.nowMs() < fullUntilMs,
    abortsAfter: () => (faults.strikes('coordinator-abort', 0.02) ? draw.between(1, 6) : null),
  })
  broker.provision(plan.layout, layoutRecord(plan.layout))
  const database = openDatabase(faults, chronicle)
  const parts: Parts = {
    ...{ plan, time, chronicle, broker, database, faults, clocks, sabotage, draw },
  }
  disturb({ ...parts, fillUntil: (ms) => void (fullUntilMs = ms) })
  return {
    ...{ plan, time, chronicle, broker, database },
    producers: startProducers(parts),
    members: processorNames.flatMap((name) =>
      Array.from({ length: plan.replicas[name] }, (_, i) => startMember(parts, name, i)),
    ),
    finish: (name) => finish(parts, name),
  }
}

const clientOf = ({ plan, broker, chronicle, faults, sabotage, draw }: Parts, process: Process) =>
  simulatedLog({
    ...{ broker, process, chronicle, sessionMs: plan.sessionMs, cutPoll: faults.cutPoll },
    behaviour: { ...rightBehaviour, ...sabotage.client },
    fencesItself: plan.fencesItself,
    reached: reachedIn(faults, process),
    draw: () => draw.between(0, 1_000_000),
    kept: new Map(),
  })

const reachedIn =
  (faults: Faults, process: Process) =>
  (milestone: Parameters<Faults['crashesAt']>[0]): void => {
    if (process.isAlive() && faults.crashesAt(milestone)) process.crash()
  }

const supervisorParts = (
  { time, chronicle, draw, clocks, faults }: Parts,
  machine: string,
): SupervisorParts => ({
  ...{ time, chronicle, draw, fateOf: faults.fateOf },
  wallMs: () => clocks.machineMs(machine),
})

const processorIn = async (parts: Parts, name: SimulatedProcessor, process: Process) => {
  const { plan, database, faults, sabotage } = parts
  const connect = () => {
    const sql = database.connect(process)
    return sabotage.store?.(sql) ?? sql
  }
  const ofLog = configurationCatalog(clientOf(parts, process))
  const catalog = sabotage.catalog?.(ofLog) ?? ofLog
  const processor = await processorOf(name, plan, connect, reachedIn(faults, process), catalog)
  return sabotage.processor?.(processor, process.wallMs) ?? processor
}

const startMember = (parts: Parts, name: SimulatedProcessor, index: number): Supervised => {
  const machine = `${name}-${index}`
  return supervise(supervisorParts(parts, machine), machine, async (process, signal) => {
    const { plan, faults, sabotage, chronicle } = parts
    const processor = await processorIn(parts, name, process)
    const reached = reachedIn(faults, process)
    const options = engineOptions(plan, process, reached, sabotage, chronicle)
    await runProcessor(clientOf(parts, process), processor, options, signal)
  })
}

const producersCount = 2

/** Producers of events, and an operator. */
const startProducers = (parts: Parts): readonly Supervised[] => {
  const { plan, faults, chronicle } = parts
  let publications = 0
  const nextPublication = (): number => publications++
  const desk = emptyDesk()
  const start = (
    machine: string,
    work: (common: Omit<Parameters<typeof operate>[0], 'desk'>) => Promise<void>,
  ): Supervised => {
    const draw = draws(plan.seed, machine)
    return supervise(supervisorParts(parts, machine), machine, async (process) => {
      const log = clientOf(parts, process)
      const publisher = await log.publisher()
      await work({ plan, process, publisher, faults, chronicle, draw, nextPublication, log })
    })
  }
  return [
    ...Array.from({ length: producersCount }, (_, index) => start(`producer-${index}`, produce)),
    start('producer-of-facts', (common) => operate({ ...common, desk })),
  ]
}

const finish = async (parts: Parts, name: SimulatedProcessor): Promise<void> => {
  const { time, plan, faults, sabotage, chronicle } = parts
  const process = startProcess({
    ...{ name: `${name}-last`, time, fateOf: faults.fateOf },
    wallMs: () => parts.clocks.machineMs(name),
  })
  const processor = await processorIn(parts, name, process)
  const options = engineOptions(plan, process, () => undefined, sabotage, chronicle)
  await catchUp(clientOf(parts, process), processor, options, new AbortController().signal)
}

/** Where the partitions of topics end, as readers of the committed view see it. */
export const endsOf = (
  broker: Broker,
  topics: readonly TopicName[] = inputTopics,
): ReadonlyMap<string, number> =>
  new Map(
    topics.flatMap((topic) =>
      broker
        .partitions(topic)
        .map((partition) => [`${topic}/${partition.partition}`, partition.stableOffset()] as const),
    ),
  )
