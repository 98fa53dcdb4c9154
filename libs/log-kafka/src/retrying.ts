import { LogError } from '@tidemark/log'
import { isDenied, logErrorOf, rootFailure } from './failures.ts'
import type { Settings } from './options.ts'
import { backoffMs, sleep, withDeadline } from './waiting.ts'

/**
 * Runs `work` until it succeeds, at most for the settings' timeout, with `repair` between two tries. Errors that no retry changes pass at
 * once. Throws LogErrors.
 */
export const retrying = async <T>(
  { clock, observe, timeoutMs }: Settings,
  what: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
  repair?: (error: unknown) => Promise<void>,
): Promise<T> => {
  const endMs = clock.monotonicMs() + timeoutMs
  for (let failures = 0; ; failures++) {
    try {
      return await withDeadline(work(), endMs - clock.monotonicMs(), what)
    } catch (error) {
      const waitMs = backoffMs(failures)
      const isLast = signal?.aborted === true || clock.monotonicMs() + waitMs >= endMs
      if (isLast || isFinal(error)) throw logErrorOf(error, what)
      observe({ kind: 'trouble', what, error })
      await sleep(waitMs, signal)
      if (repair !== undefined)
        // What is wrong with the repair is wrong with the next try too, which tells of it.
        await withDeadline(repair(error), endMs - clock.monotonicMs(), what).catch(() => undefined)
      if (clock.monotonicMs() >= endMs) throw logErrorOf(error, what)
    }
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof LogError ? !error.retriable : isDenied(rootFailure(error))
