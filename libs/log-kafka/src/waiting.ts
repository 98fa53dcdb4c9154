import { UnavailableError } from '@tidemark/log'

/** Ends early when `signal` aborts; never throws. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve()
      return
    }
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.max(0, ms))
    signal?.addEventListener('abort', done)
  })

/** Fails with UnavailableError when `work` takes longer; what it does then is no longer waited for. */
export const withDeadline = async <T>(work: Promise<T>, ms: number, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => {
        reject(new UnavailableError(`${what}: no answer within ${Math.ceil(ms)} ms`))
      },
      Math.max(0, ms),
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** 50 ms, doubled each time up to 2 s, with a fifth of it left to chance so that members do not come in step. */
export const backoffMs = (failures: number): number => {
  const ms = Math.min(50 * 2 ** Math.min(failures, 10), 2000)
  return ms * (0.8 + 0.4 * Math.random())
}

/** One timer for the earliest of the times at which something is due. */
export type AlarmClock = {
  readonly ring: (atMs: number) => void
  readonly stop: () => void
}

export const alarmClock = (nowMs: () => number, due: () => void): AlarmClock => {
  let timer: NodeJS.Timeout | undefined
  let setForMs = Number.POSITIVE_INFINITY
  return {
    ring: (atMs) => {
      if (atMs >= setForMs) return
      clearTimeout(timer)
      setForMs = atMs
      timer = setTimeout(
        () => {
          setForMs = Number.POSITIVE_INFINITY
          due()
        },
        Math.max(1, Math.ceil(atMs - nowMs())),
      )
    },
    stop: () => clearTimeout(timer),
  }
}
