import type { RunOptions } from '@tidemark/assembly'
import { parseDurationMs } from '@tidemark/runtime'
import { UsageError, type LogOptions } from './context.ts'

export type CommitOptions = LogOptions & { readonly commitInterval?: string }

const longestMs = 10_000

/** How often processors commit: what `--commit-interval` says, or the engine's own choice. */
export const commitIntervalIn = ({
  commitInterval,
}: CommitOptions): Pick<RunOptions, 'commitIntervalMs'> => {
  if (commitInterval === undefined) return {}
  const commitIntervalMs = millisecondsIn(commitInterval)
  if (commitIntervalMs >= 1 && commitIntervalMs <= longestMs) return { commitIntervalMs }
  throw new UsageError(`--commit-interval: ${JSON.stringify(commitInterval)} is not 1ms to 10s`)
}

const millisecondsIn = (text: string): number => {
  try {
    return parseDurationMs(text)
  } catch (cause) {
    throw new UsageError(`--commit-interval: ${(cause as RangeError).message}`, { cause })
  }
}
