import type { Worker } from '../fleet.ts'
import { processorNames, type ProcessorName } from '../progress.ts'
import { within } from '../waiting.ts'
import { sessionTimeoutMs, type World } from '../world.ts'
import { recovered, recoveryMsMax, untilBusy } from './recovery.ts'

const tasksAt = (worker: Worker): readonly number[] => [...worker.commits().keys()]

/** One that has committed in its present life, so that its death means something. */
const busyWorker = async (world: World, processor: ProcessorName): Promise<Worker> => {
  const candidates = (): readonly Worker[] =>
    world.fleet.of(processor).filter((worker) => worker.isAlive() && tasksAt(worker).length > 0)
  if (!(await within(recoveryMsMax, () => candidates().length > 0)))
    throw new Error(`no ${processor} commits`)
  return world.random.pick(candidates())
}

/** SIGKILL at any moment. */
export const killWorker = async (world: World, processor: ProcessorName): Promise<void> => {
  const victim = await busyWorker(world, processor)
  const wasBusy = await untilBusy(world)
  await victim.kill()
  if (wasBusy) world.tally.count(`SIGKILL: ${processor}`)
}

/** SIGKILL of one of each at once. */
export const killOneOfEach = async (world: World): Promise<void> => {
  await Promise.all(processorNames.map((processor) => killWorker(world, processor)))
  await recovered(world, 'SIGKILL of one of each')
}

/** SIGKILL of some at once. */
export const killSeveral = async (world: World): Promise<void> => {
  const victims = processorNames.filter(() => world.random.share() < 0.6)
  await Promise.all(victims.map((processor) => killWorker(world, processor)))
  await recovered(world, `SIGKILL of ${victims.join(', ')}`)
}

export const killLoad = async (world: World): Promise<void> => {
  await world.load.kill()
  world.tally.count('SIGKILL: load')
  await recovered(world, 'SIGKILL of the load')
}

/** A member leaves in an orderly way and comes back, while its processor is at work: two rebalances. */
export const leaveAndCome = async (world: World, processor: ProcessorName): Promise<void> => {
  const worker = await busyWorker(world, processor)
  const wasBusy = await untilBusy(world)
  await worker.stop()
  if (wasBusy) world.tally.count('member leaves')
  if (world.fleet.of(processor).length > 1) await recovered(world, `${worker.name} has left`)
  worker.start()
  await recovered(world, `${worker.name} has come`)
  world.tally.count('member comes')
}

/**
 * SIGSTOP until others own the tasks and have committed, then SIGCONT: the zombie finds itself where it was, in the middle of its work. It
 * counts when the successor has committed all that the zombie had.
 */
export const makeZombie = async (world: World, processor: ProcessorName): Promise<void> => {
  const zombie = await busyWorker(world, processor)
  const tasks = tasksAt(zombie)
  const pausedMs = performance.now()
  zombie.pause()
  const others = world.fleet.of(processor).filter((worker) => worker !== zombie)
  const succeeded = (): boolean =>
    tasks.every((task) => others.some((it) => (it.commits().get(task) ?? 0) > pausedMs))
  const hasSuccessor = await within(recoveryMsMax, succeeded)
  const silentMs = performance.now() - pausedMs
  zombie.resume()
  if (!hasSuccessor)
    throw new Error(`nobody took over ${processor} ${tasks.join()} within ${recoveryMsMax} ms`)
  if (silentMs > sessionTimeoutMs) world.tally.count(`zombie: ${processor}`)
  await recovered(world, `${zombie.name} was a zombie for ${Math.round(silentMs)} ms`)
}
