import type { RunTask, TaskSession } from '@tidemark/log'
import type { AcquiredTask, Member, Round } from './membership.ts'
import type { Appender } from './publisher.ts'
import { openSession } from './session.ts'
import { aborted, sleep } from './sleep.ts'
import type { Store } from './store.ts'

/** The tasks of a member, from their acquisition until their run has returned. */
export type AttendedTasks = {
  /** The epochs of those at work, the ones that are about to stop included. */
  readonly epochs: () => ReadonlyMap<number, number>
  /** Those that failed and are to be acquired again later. */
  readonly pausing: () => ReadonlySet<number>
  /** Starts and stops what a round says. */
  readonly follow: (round: Round) => void
  readonly stopAll: () => void
}

export type AttendParts = {
  readonly store: Store
  readonly appends: Appender
  readonly member: Member
  readonly run: RunTask
  /** Aborts when the whole host stops. */
  readonly stopped: AbortSignal
  /** A round is due: a task has ended. */
  readonly wake: () => void
  /** A task has failed in a way that will not pass. */
  readonly fail: (error: unknown) => void
}

/** Pause before a task that failed is acquired again: doubled each time that it fails without having committed. */
const againMsFirst = 100
const againMsMax = 5000

type Attended = { readonly epoch: number; readonly stop: AbortController }

export const attendTasks = (parts: AttendParts): AttendedTasks => {
  const { store, appends, member, run, stopped, wake, fail } = parts
  const { observe } = store.settings
  const { processor } = member.spec
  const attended = new Map<number, Attended>()
  const pausing = new Set<number>()
  const failures = new Map<number, number>()

  const pause = async (task: number, error: unknown): Promise<void> => {
    const count = failures.get(task) ?? 0
    failures.set(task, count + 1)
    const againInMs = Math.min(againMsFirst * 2 ** count, againMsMax)
    observe({ kind: 'task-failed', processor, task, error, againInMs })
    pausing.add(task)
    await sleep(againInMs, stopped)
    pausing.delete(task)
    wake()
  }

  const attend = async (acquired: AcquiredTask, stop: AbortController): Promise<void> => {
    const { task } = acquired
    try {
      const session = openSession(store, appends, member, acquired, stop.signal)
      const succeeded = (): void => void failures.delete(task)
      await run(toldOfCommits(session, succeeded), stop.signal)
      // One that returns though nobody asked it to keeps its task, without work, like a member of a Kafka group.
      await aborted(stop.signal)
    } catch (error) {
      if (isRetriable(error)) void pause(task, error)
      else fail(error)
    }
    attended.delete(task)
    wake()
  }

  const start = (acquired: AcquiredTask): void => {
    const stop = new AbortController()
    attended.set(acquired.task, { epoch: acquired.epoch, stop })
    void attend(acquired, stop)
  }

  return {
    epochs: () => new Map(Array.from(attended, ([task, { epoch }]) => [task, epoch])),
    pausing: () => pausing,
    follow: ({ lost, excess, acquired }) => {
      // A run may take many rounds to return; that its task is lost is told in the first.
      const news = lost.filter((task) => attended.get(task)?.stop.signal.aborted === false)
      for (const task of news) attended.get(task)?.stop.abort()
      if (news.length > 0) observe({ kind: 'lost', processor, tasks: news })
      const owned = [...attended].filter(([task]) => !lost.includes(task))
      const working = owned.filter(([, { stop }]) => !stop.signal.aborted)
      const tooMany = Math.max(0, excess - (owned.length - working.length))
      for (const [, { stop }] of working.slice(working.length - tooMany)) stop.abort()
      // What was acquired while the host was told to stop is given back by the next round.
      if (acquired.length === 0 || stopped.aborted) return
      observe({ kind: 'acquired', processor, tasks: acquired.map(({ task }) => task) })
      for (const task of acquired) start(task)
    },
    stopAll: () => {
      for (const { stop } of attended.values()) stop.abort()
    },
  }
}

export const isRetriable = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'retriable' in error && error.retriable === true

const toldOfCommits = (session: TaskSession, committed: () => void): TaskSession => ({
  ...session,
  commit: async (commit) => {
    await session.commit(commit)
    committed()
  },
})
