import type { RecordBatches } from '@tidemark/model'
import { take, type FetchCursor } from './fetch-cursor.ts'

export type PollOptions = {
  readonly maxWaitMs: number
  readonly bytesMax: number
  /** How much longer it waits for the first answer about a position: a poll that waits 0 ms still finds what is there. */
  readonly answerWaitMs: number
  readonly signal?: AbortSignal | undefined
}

/** A poll that waits. */
export type Waiting = {
  readonly cursors: ReadonlySet<FetchCursor>
  /** Called when something about its cursors changed. */
  readonly check: () => void
  readonly fail: (error: Error) => void
}

/**
 * Resolves with what is ready as soon as anything is; with nothing after the wait, or at once when the signal aborts. Rejects with the
 * failure of a cursor when nothing is ready. `slot` holds the poll while it waits.
 */
export const waitForBatches = (
  slot: { waiting: Waiting | null },
  cursors: readonly FetchCursor[],
  options: PollOptions,
): Promise<readonly RecordBatches[]> =>
  new Promise((resolve, reject) => {
    const { signal } = options
    let overdue = false
    let timer: NodeJS.Timeout | undefined
    const leave = (): void => {
      slot.waiting = null
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
    const finish = (batches: readonly RecordBatches[]): void => {
      leave()
      resolve(batches)
    }
    const fail = (error: Error): void => {
      leave()
      reject(error)
    }
    const giveUp = (): void => finish([])
    const check = (): void => {
      const batches = takeReady(cursors, options.bytesMax)
      const failure = batches.length === 0 ? forgetFailure(cursors) : null
      if (failure !== null) fail(failure)
      else if (batches.length > 0 || (overdue && cursors.every(({ answered }) => answered)))
        finish(batches)
    }
    slot.waiting = { cursors: new Set(cursors), check, fail }
    timer = setTimeout(
      () => {
        overdue = true
        timer = setTimeout(giveUp, options.answerWaitMs)
        check()
      },
      Math.min(options.maxWaitMs, timerMsMax),
    )
    signal?.addEventListener('abort', giveUp)
    if (signal?.aborted === true) giveUp()
    else check()
  })

/** Longer ones ring at once. */
const timerMsMax = 2 ** 31 - 1

const takeReady = (cursors: readonly FetchCursor[], bytesMax: number): RecordBatches[] => {
  const batches: RecordBatches[] = []
  let left = bytesMax
  for (const cursor of cursors) {
    if (cursor.ready === null || (batches.length > 0 && left <= 0)) continue
    const taken = take(cursor, left)
    batches.push(taken)
    left -= taken.bytes.length
  }
  return batches
}

const forgetFailure = (cursors: readonly FetchCursor[]): Error | null => {
  for (const cursor of cursors) {
    const { failure } = cursor
    if (failure === null) continue
    cursor.failure = null
    return failure
  }
  return null
}
