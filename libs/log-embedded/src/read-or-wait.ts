import type { Store } from './store.ts'

export type Waiting = {
  /** What to be woken by. */
  readonly names: readonly string[]
  readonly maxWaitMs: number
  readonly signal?: AbortSignal | undefined
}

/** Reads, and again whenever something may have changed, until something is found, the wait is over or the signal aborts. */
export const readOrWait = async <T>(
  { watch, settings }: Pick<Store, 'watch' | 'settings'>,
  { names, maxWaitMs, signal }: Waiting,
  read: () => T,
  isFound: (result: T) => boolean,
): Promise<T> => {
  const endMs = settings.monotonicMs() + maxWaitMs
  for (;;) {
    const result = read()
    const leftMs = endMs - settings.monotonicMs()
    if (isFound(result) || leftMs <= 0 || signal?.aborted === true) return result
    // Another look would find the same: what comes within the last of the watch's looks is found by the next read.
    if (!(await watch.wait(names, leftMs, signal))) return result
  }
}
