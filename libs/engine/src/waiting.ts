import { invariant, type TaskFold } from '@tidemark/model'
import type { Committer } from './committer.ts'
import type { TaskEvent } from './options.ts'

export type Waiting = {
  /** Waits until the fold can go on, at once where nothing is missing; not longer than until the task is to be given up. */
  readonly end: () => Promise<void>
}

/**
 * Waits for what a fold misses. Everything before that is committed first, so that others see it, and the task can be given up meanwhile:
 * its successor will wait as well.
 */
export const waitingFor = (
  fold: TaskFold,
  commits: Committer,
  tell: (event: TaskEvent) => void,
  signal: AbortSignal,
): Waiting => {
  let told: string | null = null
  const look = async (missing: Promise<string | null>): Promise<void> => {
    const reason = await unlessAborted(missing, signal)
    if (signal.aborted || reason === told) return
    told = reason
    tell(reason === null ? { kind: 'resumed' } : { kind: 'waiting', reason })
  }
  return {
    end: async () => {
      let missing = fold.missing?.() ?? null
      if (missing === null) return
      invariant(fold.atRecordBoundary(), 'a fold waits where it cannot be committed')
      // Whoever looks may fail before anybody listens.
      missing.catch(() => undefined)
      await commits.commit()
      for (; missing !== null && !signal.aborted; missing = fold.missing?.() ?? null)
        await look(missing)
    },
  }
}

/** Null, too, when the signal comes first; then nobody hears any more of what is waited for. */
const unlessAborted = async (
  waited: Promise<string | null>,
  signal: AbortSignal,
): Promise<string | null> => {
  let stop = (): void => undefined
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([waited, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
