import { randomUUID } from 'node:crypto'
import { FencedError, LogError, type HostSpec, type RunTask } from '@tidemark/log'
import { leave, releaseTask, takeShare, type Membership } from './ownership.ts'
import { openSession, type SessionParts } from './session.ts'

export type HostParts = Omit<SessionParts, 'membership'> &
  Pick<Membership, 'database' | 'owner' | 'nowMs'>

/** Between two looks at who is there. */
const lookMs = 200
/** Pause before a task that failed in a way that may pass is tried again: doubled each time, up to the longest. */
const retryMsFirst = 100
const retryMsMax = 5000
/** Failures in a row, without a commit in between, that still count as something that may pass. */
const retriesMax = 20

type Running = { readonly controller: AbortController; readonly done: Promise<void> }
type Failure = { count: number; untilMs: number }

/** Takes part in a processor until the signal aborts or a task fails for good. */
export const hostTasks = async (
  parts: HostParts,
  { processor, tasks }: HostSpec,
  run: RunTask,
  signal: AbortSignal,
): Promise<void> => {
  const membership: Membership = { ...parts, processor, tasks, member: randomUUID() }
  const running = new Map<number, Running>()
  const failures = new Map<number, Failure>()
  const finished = new Set<number>()
  const fatal = new AbortController()
  const stop = AbortSignal.any([signal, fatal.signal])
  let failure: unknown = null
  let wake: () => void = () => undefined

  const runOnce = async (
    task: number,
    epoch: number,
    controller: AbortController,
  ): Promise<void> => {
    const committed = (): void => {
      failures.delete(task)
      parts.committed()
    }
    try {
      const session = openSession(
        { ...parts, membership, committed },
        task,
        epoch,
        controller.signal,
      )
      await run(session, controller.signal)
      if (!controller.signal.aborted) finished.add(task)
    } catch (error) {
      const count = (failures.get(task)?.count ?? 0) + 1
      const mayPass = error instanceof LogError && error.retriable
      if (!mayPass || (count > retriesMax && !(error instanceof FencedError))) {
        failure ??= error
        fatal.abort()
      }
      const pauseMs = Math.min(retryMsMax, retryMsFirst * 2 ** (count - 1))
      failures.set(task, { count, untilMs: performance.now() + pauseMs })
    } finally {
      running.delete(task)
      releaseTask(membership, task, epoch)
      wake()
    }
  }

  const look = (): void => {
    const now = performance.now()
    const paused = [...failures].flatMap(([task, { untilMs }]) => (untilMs > now ? [task] : []))
    const blocked = new Set([...finished, ...paused])
    const { release, acquired } = takeShare(membership, new Set(running.keys()), blocked)
    for (const task of release) running.get(task)?.controller.abort()
    for (const [task, epoch] of acquired) {
      const controller = new AbortController()
      running.set(task, { controller, done: runOnce(task, epoch, controller) })
    }
  }

  try {
    while (!stop.aborted) {
      look()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        stop.addEventListener('abort', wake, { once: true })
      })
      stop.removeEventListener('abort', wake)
    }
  } catch (error) {
    failure ??= error
  }
  for (const { controller } of running.values()) controller.abort()
  await Promise.all([...running.values()].map(({ done }) => done))
  leave(membership)
  if (failure !== null) throw failure as Error
}
