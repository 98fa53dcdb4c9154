import type { RunTask } from '@tidemark/log'
import type { Settings } from './options.ts'
import type { OwnedTask } from './session.ts'
import { sleep } from './waiting.ts'

/** The tasks of one member, at work. */
export type TaskGroup = {
  readonly id: string
  /** Starts tasks; one that is still ending from before starts when it has ended. */
  readonly start: (tasks: readonly number[]) => void
  /** Asks all tasks to commit and return. */
  readonly stop: () => void
  /** The same, and nothing that they still do reaches the log. */
  readonly fence: () => void
  readonly isFenced: () => boolean
  /** Aborts when the tasks started last have ended. Another one after each `start`. */
  readonly idle: AbortSignal
  /** Aborts at the first error that ends the whole. */
  readonly failed: AbortSignal
  readonly fatal: () => { readonly error: unknown } | null
}

export type TaskGroupParts = {
  readonly isMember: () => boolean
  readonly acquire: (task: number, isOurs: () => boolean, signal: AbortSignal) => Promise<OwnedTask>
  readonly run: RunTask
}

type Term = { readonly stop: AbortController; readonly idle: AbortController; fenced: boolean }

export const taskGroup = (settings: Settings, id: string, parts: TaskGroupParts): TaskGroup => {
  const ending = new Map<number, Promise<void>>()
  const failed = new AbortController()
  let fatal: { readonly error: unknown } | null = null
  let term = newTerm()
  term.idle.abort()

  const fail = (error: unknown): void => {
    fatal ??= { error }
    failed.abort()
  }

  return {
    id,
    failed: failed.signal,
    fatal: () => fatal,
    get idle() {
      return term.idle.signal
    },
    start: (tasks) => {
      const now = newTerm()
      term = now
      const runs = tasks.map((task) => {
        const before = ending.get(task) ?? Promise.resolve()
        const end = before.then(() => work(settings, id, parts, task, now)).catch(fail)
        ending.set(task, end)
        return end
      })
      void Promise.all(runs).then(() => {
        now.idle.abort()
      })
    },
    stop: () => {
      term.stop.abort()
    },
    isFenced: () => term.fenced,
    fence: () => {
      term.fenced = true
      term.stop.abort()
    },
  }
}

const newTerm = (): Term => ({
  stop: new AbortController(),
  idle: new AbortController(),
  fenced: false,
})

/** A run of this length was a success: failures are counted anew. */
const steadyMs = 10_000
/** Failures in a row that still count as something that may pass. With each taking up to the timeout, a quarter of an hour. */
const failuresMax = 20

/** Acquires a task and runs it, again after errors that may pass, until it is asked to stop. Throws the errors that will not. */
const work = async (
  settings: Settings,
  group: string,
  { isMember, acquire, run }: TaskGroupParts,
  task: number,
  term: Term,
): Promise<void> => {
  const { signal } = term.stop
  const isOurs = (): boolean => !term.fenced && isMember()
  for (let failures = 0; !signal.aborted; failures++) {
    const startedMs = settings.clock.monotonicMs()
    let owned: OwnedTask | null = null
    try {
      owned = await acquire(task, isOurs, signal)
      if (!signal.aborted) await run(owned.session, signal)
      return
    } catch (error) {
      if (settings.clock.monotonicMs() - startedMs > steadyMs) failures = 0
      if (!isRetriable(error) || failures === failuresMax) throw error
      const againInMs = acquireBackoffMs(failures)
      settings.observe({ kind: 'task-failed', group, task, error, againInMs })
      await sleep(againInMs, signal)
    } finally {
      await owned?.close()
    }
  }
}

const isRetriable = (error: unknown): boolean =>
  error instanceof Error && 'retriable' in error && error.retriable === true

/** 100 ms, doubled each time up to 5 s. */
const acquireBackoffMs = (failures: number): number =>
  Math.min(100 * 2 ** Math.min(failures, 6), 5000)
