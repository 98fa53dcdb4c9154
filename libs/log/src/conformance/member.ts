import type { HostSpec, Log, RunTask, TaskCommit, TaskSession } from '../log.ts'
import { aborted } from './journal.ts'

export type Member = {
  /** Leaves, and resolves when `host` has returned. */
  readonly stop: () => Promise<void>
  /** As `host` ended. */
  readonly ended: Promise<void>
}

/** Takes part in a processor until it is stopped. */
export const joinAs = (log: Log, spec: HostSpec, run: RunTask): Member => {
  const controller = new AbortController()
  const ended = log.host(spec, run, controller.signal)
  // A test that looks at it hears of a failure; one that does not must not end the process.
  ended.catch(() => undefined)
  return {
    ended,
    stop: () => {
      controller.abort()
      return ended
    },
  }
}

/**
 * Runs `work` on a session of the only task of a processor, then stops. Resolves with what `work` returned, or rejects with what it threw,
 * after `host` has returned.
 */
export const withSession = async <T>(
  log: Log,
  spec: HostSpec,
  work: (session: TaskSession, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const done = new AbortController()
  let outcome: { readonly value: T } | null = null
  await log.host(
    spec,
    async (session, signal) => {
      if (session.task !== 0) {
        await aborted(signal)
        return
      }
      outcome = { value: await work(session, signal) }
      done.abort()
    },
    done.signal,
  )
  return outcome!.value
}

export const oneTask: HostSpec = { processor: 'aggregator', topics: ['requests'], tasks: 1 }

/** A commit with what a test is about, and nothing else. */
export const commitOf = (part: Partial<TaskCommit>): TaskCommit => ({
  outputs: [],
  checkpoint: new Map(),
  positions: [],
  ...part,
})
