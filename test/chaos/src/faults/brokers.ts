import { setTimeout } from 'node:timers/promises'
import type { ClusterNode } from '@tidemark/broker'
import { within } from '../waiting.ts'
import type { World } from '../world.ts'
import { recovered, recoveryMsMax, untilBusy } from './recovery.ts'

/** How long a node is gone, or silent: longer than it takes the others to notice. */
const awayMs = 6000

/** Waits until every partition has all its replicas, so that the next node may fail. */
export const replicated = async ({ view, cluster }: World): Promise<void> => {
  const isWhole = async (): Promise<boolean> => {
    try {
      const partitions = [...(await view.partitions()).values()]
      return partitions.every(({ inSync }) => inSync === cluster.nodes.length)
    } catch {
      return false
    }
  }
  if (!(await within(recoveryMsMax, isWhole)))
    throw new Error(`not all replicas are in sync after ${recoveryMsMax} ms`)
}

/** A node that leads partitions of topics, so that its end is felt. */
const leader = async ({ view, random, cluster, layout }: World): Promise<ClusterNode> => {
  const partitions = [...(await view.partitions())]
  const leads = ({ id }: ClusterNode): boolean =>
    partitions.some(
      ([name, partition]) => name.startsWith(layout.prefix) && partition.leader === id,
    )
  return random.pick(cluster.nodes.filter(leads))
}

/** Runs a fault of one node that has leaders, counts it when there was work to hit, and those leaders that moved. */
const strike = async (
  world: World,
  fault: string,
  node: ClusterNode,
  hurt: () => Promise<void>,
  heal: () => Promise<void>,
): Promise<void> => {
  const { tally, view } = world
  const before = await view.partitions()
  const leads = [...before].filter(([, { leader }]) => leader === node.id).map(([name]) => name)
  const wasBusy = await untilBusy(world)
  await hurt()
  try {
    await recovered(world, fault)
    const after = await view.partitions()
    const moved = leads.filter((name) => after.get(name)!.leader !== node.id)
    if (moved.some((name) => !name.startsWith('__'))) tally.count('leader move')
  } finally {
    await heal()
  }
  if (wasBusy && leads.length > 0) tally.count(fault)
  await recovered(world, `the end of ${fault}`)
}

const killNode = (world: World, node: ClusterNode): Promise<void> =>
  strike(world, 'broker: SIGKILL', node, node.kill, node.start)

export const killBroker = async (world: World): Promise<void> => {
  await replicated(world)
  await killNode(world, await leader(world))
}

export const stopBroker = async (world: World): Promise<void> => {
  await replicated(world)
  const node = await leader(world)
  await strike(world, 'broker: SIGTERM', node, node.stop, node.start)
}

export const pauseBroker = async (world: World): Promise<void> => {
  await replicated(world)
  const node = await leader(world)
  const pause = async (): Promise<void> => {
    node.pause()
    await setTimeout(awayMs)
  }
  await strike(world, 'broker: SIGSTOP', node, pause, async () => node.resume())
}

/** Kills the node that knows who is in the aggregators' group. */
export const killCoordinator = async (world: World): Promise<void> => {
  await replicated(world)
  const node = await world.view.groupCoordinator(`${world.layout.prefix}tidemark-aggregator`)
  await killNode(world, node)
  world.tally.count('coordinator loss')
}

/** Until somebody commits. */
const hitMsMax = 60_000

/** Kills and restarts a node in the moment in which a commit has been asked for and not answered. */
export const restartDuringCommit = async (world: World): Promise<void> => {
  await replicated(world)
  const node = world.random.pick(world.cluster.nodes)
  const commit = world.faults.inject({
    action: 'delay answer',
    request: 'EndTxn',
    from: 'worker',
    ms: 1000,
  })
  let wasMet = false
  void commit.hit.then(() => {
    wasMet = true
  })
  await within(hitMsMax, () => wasMet)
  commit.withdraw()
  await node.kill()
  await node.start()
  if (wasMet) world.tally.count('broker: restart during a commit')
  await recovered(world, 'a restart during a commit')
}

/** Stops the majority for a while: nothing can be committed. Workers must say so, and that they are well again afterwards. */
export const stall = async (world: World): Promise<void> => {
  await replicated(world)
  const wasBusy = await untilBusy(world)
  const paused = world.cluster.nodes.slice(1)
  for (const node of paused) node.pause()
  try {
    if (await within(recoveryMsMax, () => areAll(world, false)))
      world.tally.count('ready: no, in a stall')
  } finally {
    for (const node of paused) node.resume()
  }
  await recovered(world, 'a stall of the majority')
  if (!(await within(recoveryMsMax, () => areAll(world, true)))) return
  world.tally.count('ready: yes, after it')
  if (wasBusy) world.tally.count('brokers: SIGSTOP of the majority')
}

const areAll = async ({ fleet }: World, ready: boolean): Promise<boolean> => {
  const answers = await Promise.all(fleet.workers.map((worker) => worker.isReady()))
  return answers.every((answer) => answer === ready)
}
