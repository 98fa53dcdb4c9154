import type { Log, Want } from '@tidemark/log'
import type { Offset } from '@tidemark/model'
import { sourceLags, type SourceLag } from './source-lag.ts'
import type { TaskView } from './task-board.ts'

export type ProcessorLag = SourceLag & { readonly processor: string; readonly task: number }

/** What the last look at the log said; `failed`: it could not be asked. */
export type LagSample =
  | { readonly kind: 'none' }
  | { readonly kind: 'sampled'; readonly lags: readonly ProcessorLag[] }
  | { readonly kind: 'failed'; readonly reason: string }

/** Asks the log now and then how far a process is behind: by a way of its own, since a poll of a task may be what hangs. */
export type LagSampler = {
  /** One look; at most one at a time, and none while the last one waits for an answer. */
  readonly look: (tasks: readonly TaskView[]) => void
  readonly last: () => LagSample
}

/** A log that has not answered for this long counts as one that cannot be asked. */
const answerMsMax = 15_000

export const lagSampler = (log: Log, monotonicMs: () => number): LagSampler => {
  let last: LagSample = { kind: 'none' }
  let askedMs: number | null = null
  let endsBefore: ReadonlyMap<string, Offset> = new Map()

  const ask = async (tasks: readonly TaskView[]): Promise<void> => {
    const wants = tasks.flatMap(({ processor, task, sources }) =>
      sources.map((source) => ({ ...source, processor, task })),
    )
    // What was there at the last look and is worked off by now needs no reading: that much is no lag.
    const isOld = (want: Want): boolean => want.position < (endsBefore.get(nameOf(want)) ?? 0)
    const lags = await sourceLags(log, wants, isOld)
    endsBefore = new Map(lags.map((lag) => [nameOf(lag), lag.endOffset]))
    last = { kind: 'sampled', lags: lags.map((lag, i) => ({ ...wants[i]!, ...lag })) }
  }

  return {
    look: (tasks) => {
      if (askedMs !== null) {
        const waitedMs = Math.round(monotonicMs() - askedMs)
        if (waitedMs > answerMsMax)
          last = { kind: 'failed', reason: `no answer for ${waitedMs} ms` }
        return
      }
      askedMs = monotonicMs()
      void ask(tasks)
        .catch((error: unknown) => {
          last = { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
        })
        .then(() => {
          askedMs = null
        })
    },
    last: () => last,
  }
}

const nameOf = ({ topic, partition }: Want): string => `${topic}/${partition}`
