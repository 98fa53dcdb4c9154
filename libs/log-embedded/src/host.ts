import { randomUUID } from 'node:crypto'
import type { HostSpec, RunTask } from '@tidemark/log'
import { attendTasks, isRetriable } from './attended-tasks.ts'
import {
  generationOf,
  holdRound,
  registerProcessor,
  removeMember,
  type Member,
  type Round,
} from './membership.ts'
import type { ProcessIdentity } from './process-identity.ts'
import type { Appender } from './publisher.ts'
import type { Store } from './store.ts'
import { tasksName } from './watch.ts'

export type HostParts = {
  readonly store: Store
  readonly appends: Appender
  readonly process: ProcessIdentity
  /** Called in every round, about once a second. */
  readonly beat: () => void
}

/** Between two rounds, when nothing happens. Each renews the lease and finds those whose process has died. */
const roundMsMax = 1000
const roundsPerLease = 10

/**
 * Takes part in a processor. Holds a round now and then, and whenever a member joins, leaves or gives a task back; starts what falls to
 * this member and stops what is above its share. Ends when `signal` has aborted, or a task has failed for good, and all tasks
 * have returned.
 */
export const hostTasks = async (
  parts: HostParts,
  spec: HostSpec,
  run: RunTask,
  signal: AbortSignal,
): Promise<void> => {
  const { store, beat } = parts
  const { database, queue, settings, watch } = store
  for (const topic of spec.topics) store.topics.topic(topic)
  const member: Member = { id: randomUUID(), spec, process: parts.process }
  const names = [tasksName(spec.processor)]
  const failed = new AbortController()
  const stopped = AbortSignal.any([signal, failed.signal])
  let roundDueMs = 0
  const wake = (): void => {
    roundDueMs = 0
    watch.notify(names)
  }
  const fail = (error: unknown): void => failed.abort(error)
  const tasks = attendTasks({ ...parts, member, run, stopped, wake, fail })

  const round = (): Promise<Round> =>
    queue.write((changed) => {
      const held = tasks.epochs()
      const notNow = tasks.pausing()
      const { leaseMs } = settings
      const request = { held, notNow, leaseMs, nowMs: settings.clock(), isLeaving: stopped.aborted }
      const result = holdRound(database, member, request)
      if (result.hasNews) for (const name of names) changed(name)
      return result
    })

  await queue.write(() => registerProcessor(database, spec))
  stopped.addEventListener('abort', wake, { once: true })
  let generation = -1
  while (!stopped.aborted || tasks.epochs().size > 0) {
    try {
      const nowMs = settings.monotonicMs()
      if (stopped.aborted) tasks.stopAll()
      if (nowMs >= roundDueMs || generationOf(database, spec.processor) !== generation) {
        roundDueMs = nextRoundMs(nowMs, Math.min(settings.leaseMs / roundsPerLease, roundMsMax))
        const result = await round()
        if (generation === -1) settings.observe({ kind: 'joined', processor: spec.processor })
        generation = result.generation
        tasks.follow(result)
        spec.assigned?.([...tasks.epochs().keys(), ...tasks.pausing()])
        beat()
      }
    } catch (error) {
      if (!isRetriable(error)) fail(error)
      settings.observe({ kind: 'trouble', what: `members of ${spec.processor}`, error })
    }
    if (tasks.epochs().size > 0 || !stopped.aborted)
      await watch.wait(names, roundDueMs - settings.monotonicMs())
  }
  stopped.removeEventListener('abort', wake)
  try {
    await queue.write((changed) => {
      removeMember(database, member)
      for (const name of names) changed(name)
    })
    settings.observe({ kind: 'left', processor: spec.processor })
  } catch (error) {
    // Nothing is owned any more; the member itself goes with its lease, or its process. Why the host failed counts more than this.
    settings.observe({ kind: 'trouble', what: `leaving ${spec.processor}`, error })
  }
  if (failed.signal.aborted) throw failed.signal.reason
}

/** On the beat of the process's clock, never after the interval: so the rounds of all its hosts mostly share a transaction and its flush to the disk. */
export const nextRoundMs = (nowMs: number, everyMs: number): number =>
  (Math.floor(nowMs / everyMs) + 1) * everyMs
