import { createHash } from 'node:crypto'
import { topicNames, type TopicName } from '@tidemark/model'
import { openStore } from '@tidemark/store'
import type { Partition } from './broker/partition.ts'
import { planOf } from './plan.ts'
import { processorNames } from './programs.ts'
import type { FaultRun, Liveness, SimulatedRecord } from './run.ts'
import { noteSightings } from './sighted.ts'
import type { Sabotage } from './sabotage.ts'
import { endsOf, openWorld, type World } from './world.ts'

/** After the load has ended, time passes for windows to close. */
const settleMs = 16_000
/** Then everything must have been worked off within this time. */
const convergeMsMax = 90_000

/** What a seed leads to: load and faults, then none, until everything has come to rest. The same every time. */
export const simulate = async (
  seed: number,
  sabotage: Sabotage = { name: 'none' },
): Promise<FaultRun> => {
  const world = openWorld(planOf(seed), sabotage)
  const { plan, time, chronicle, broker, database } = world
  await time.run(
    () => time.nowMs() >= plan.loadUntilMs && world.producers.every(({ isDone }) => isDone()),
  )
  const loadEnded = time.moment()
  await time.run(() => time.nowMs() >= loadEnded.atMs + settleMs)
  const converged = await converge(world)
  const liveness = await comeToRest(world, converged)
  noteSightings(chronicle, broker)
  const store = await openStore(database.sql)
  const records = recordsOf(world)
  return {
    ...{ seed, layout: plan.layout, journal: chronicle.journal, records },
    committed: (topic, partition) =>
      records(topic, partition).filter(({ visible }) => visible !== null),
    checkpoints: chronicle.checkpoints,
    acquisitions: chronicle.acquisitions,
    ...{ store, storeCommits: chronicle.storeCommits, exits: chronicle.exits },
    ...{ faults: chronicle.faults, sightings: chronicle.sightings },
    ...{ loadEnded, lastFault: chronicle.lastFault(), liveness },
    digest: await digestOf(world),
    close: () => store.close(),
  }
}

/** Waits until every processor has committed all that its topics held when those before it had. */
const converge = async ({ plan, time, broker }: World): Promise<Liveness> => {
  const beganMs = time.nowMs()
  for (const [processor, topics] of stages) {
    const ends = endsOf(broker, topics)
    const isBehind = (): string | undefined =>
      [...ends].find(([place, end]) => {
        const task = Number(place.split('/')[1])
        const { positions } = broker.states.state(processor, task)
        const at = positions.find(({ topic, partition }) => `${topic}/${partition}` === place)
        return (at?.position ?? 0) < end
      })?.[0]
    await time.run(() => isBehind() === undefined || time.nowMs() - beganMs >= convergeMsMax)
    const place = isBehind()
    if (place !== undefined)
      return {
        kind: 'stuck',
        what: `${processor} has not committed ${place} to ${ends.get(place) ?? 0} within ${convergeMsMax} ms, with ${plan.replicas[processor]} members`,
      }
  }
  return { kind: 'converged', tookMs: time.nowMs() - beganMs }
}

const stages = [
  ['aggregator', ['requests', 'health-checks', 'facts']],
  ['evaluator', ['aggregates']],
  ['reporter', ['fleet']],
  ['sink', ['aggregates', 'assessments', 'alerts', 'fleet', 'platform-reports']],
] as const satisfies readonly (readonly [(typeof processorNames)[number], readonly TopicName[]])[]

/** Stops everybody, then works off what the last ticks left. */
const comeToRest = async (world: World, converged: Liveness): Promise<Liveness> => {
  const { members, finish } = world
  const steps: readonly (readonly [what: string, work: () => Promise<unknown>])[] = [
    ['stopping all members', () => Promise.all(members.map(({ stop }) => stop()))],
    ...processorNames.map((name) => [`catching up ${name}`, () => finish(name)] as const),
  ]
  if (converged.kind === 'stuck') return converged
  for (const [what, work] of steps)
    if (!(await endsInTime(world, work()))) return { kind: 'stuck', what: `${what} does not end` }
  return converged
}

const endsInTime = async ({ time }: World, work: Promise<unknown>): Promise<boolean> => {
  const isDone = settledFlag(work)
  const endMs = time.nowMs() + convergeMsMax
  await time.run(() => isDone() || time.nowMs() >= endMs)
  return isDone()
}

/** Tells whether a promise is settled; throws what it was rejected with. */
const settledFlag = (promise: Promise<unknown>): (() => boolean) => {
  let outcome: { readonly error: unknown } | 'open' | 'done' = 'open'
  promise.then(
    () => (outcome = 'done'),
    (error: unknown) => (outcome = { error }),
  )
  return () => {
    if (typeof outcome === 'object') throw outcome.error
    return outcome === 'done'
  }
}

const recordsOf = ({ broker }: World): FaultRun['records'] => {
  const known = new Map<Partition, readonly SimulatedRecord[]>()
  return (topic, index) => {
    const partition = broker.partition(topic, index)
    const records = known.get(partition) ?? recordsIn(partition)
    known.set(partition, records)
    return records
  }
}

const recordsIn = ({ topic, partition, batches }: Partition): readonly SimulatedRecord[] =>
  batches.flatMap(({ entries, baseOffset, writer, transaction, appended, visible }) =>
    writer === null
      ? []
      : entries.map(({ key, value, timestampMs }, i): SimulatedRecord => ({
          ...{ topic, partition, key, value, writer, transaction, appended, visible },
          offset: (baseOffset + i) as SimulatedRecord['offset'],
          timestampMs: timestampMs as SimulatedRecord['timestampMs'],
        })),
  )

const digestOf = async ({ broker, database }: World): Promise<string> => {
  const hash = createHash('sha256')
  for (const topic of topicNames)
    for (const { batches } of broker.partitions(topic))
      for (const { bytes } of batches) hash.update(bytes)
  return hash.update(await database.dump()).digest('hex')
}
