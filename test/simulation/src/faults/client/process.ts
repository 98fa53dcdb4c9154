import { UnavailableError } from '@tidemark/log'
import type { EpochMs } from '@tidemark/model'
import type { Scheduler } from '../scheduler.ts'

/**
 * One life of one program. All its waiting goes through here, so that it can end or stand still at any awaited step: what it asked for
 * before that is on its way all the same.
 */
export type Process = {
  readonly name: string
  readonly time: Scheduler
  readonly isAlive: () => boolean
  /** Monotonic. */
  readonly nowMs: () => number
  /** The machine's clock, which may be wrong. */
  readonly wallMs: () => EpochMs
  /** Ends early when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Asks the brokers, or a database: `effect` takes place over there. UnavailableError when no answer comes in time. */
  readonly request: <T>(kind: RequestKind, effect: () => T | Promise<T>) => Promise<T>
  /** Nothing that it would have done happens any more. */
  readonly crash: () => void
  /** Stands still until then. */
  readonly pauseUntil: (ms: number) => void
}

export const requestKinds = [
  'metadata',
  'publish',
  'fetch',
  'join',
  'heartbeat',
  'leave',
  'initialise',
  'restore',
  'produce',
  'end-transaction',
  'tick',
  'store',
] as const
export type RequestKind = (typeof requestKinds)[number]

/** How a request fares. Times count from when it is sent. */
export type Fate = {
  /** When it takes effect: once, never, or twice. */
  readonly effectsMs: readonly number[]
  /** How long after its effect the answer comes; null: never. */
  readonly answerMs: number | null
  /** What becomes of the process at the moment of the effect; null: nothing. */
  readonly then: { readonly kind: 'crash' } | { readonly kind: 'pause'; readonly ms: number } | null
}

export type ProcessSettings = {
  readonly name: string
  readonly time: Scheduler
  readonly wallMs: () => number
  readonly fateOf: (process: Process, kind: RequestKind) => Fate
  /** The process has crashed. */
  readonly crashed?: () => void
}

/** How long a request is waited for, beyond the time that the other side may take to answer. */
export const requestMs = 2000

export const startProcess = (settings: ProcessSettings): Process => {
  const { name, time, wallMs, fateOf } = settings
  let isAlive = true
  let pausedUntilMs = 0

  /** Goes on in the process: now, when it wakes up, or never. */
  const goOn = (action: () => void): void => {
    if (!isAlive) return
    if (time.nowMs() >= pausedUntilMs) action()
    else time.at(pausedUntilMs, () => goOn(action))
  }
  const later = (ms: number, action: () => void): void =>
    time.at(time.nowMs() + ms, () => goOn(action))

  const process: Process = {
    name,
    time,
    isAlive: () => isAlive,
    nowMs: time.nowMs,
    wallMs: () => Math.floor(wallMs()) as EpochMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve()
          return
        }
        const wake = (): void => {
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        signal?.addEventListener('abort', wake)
        if (ms < Number.POSITIVE_INFINITY) later(Math.max(0, ms), wake)
      }),
    request: (kind, effect) => {
      // The code of a process that has ended runs on to its next step; nothing of it may be seen.
      if (!isAlive) return new Promise(() => undefined)
      const fate = fateOf(process, kind)
      return new Promise((resolve, reject) => {
        const giveUp = (): void =>
          goOn(() => reject(new UnavailableError(`${kind}: no answer within ${requestMs} ms`)))
        if (fate.effectsMs.length === 0 || fate.answerMs === null)
          time.at(time.nowMs() + requestMs, giveUp)
        for (const [i, ms] of fate.effectsMs.entries()) {
          const isLast = i === fate.effectsMs.length - 1
          const take = async (): Promise<void> => {
            const outcome = settled(effect)
            if (isLast && fate.then?.kind === 'crash') process.crash()
            if (isLast && fate.then?.kind === 'pause')
              process.pauseUntil(time.nowMs() + fate.then.ms)
            const tell = await outcome
            if (!isLast || fate.answerMs === null) return
            const answer = (): void => goOn(() => tell(resolve, reject))
            if (fate.answerMs === 0) answer()
            else time.at(time.nowMs() + fate.answerMs, answer)
          }
          time.at(time.nowMs() + ms, () => void take())
        }
        if (fate.effectsMs.length === 0 && fate.then?.kind === 'crash') process.crash()
      })
    },
    crash: () => {
      if (!isAlive) return
      isAlive = false
      settings.crashed?.()
    },
    pauseUntil: (ms) => {
      pausedUntilMs = Math.max(pausedUntilMs, ms)
    },
  }
  return process
}

type Tell<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => void

/** How an effect ended, to be told later. */
const settled = async <T>(effect: () => T | Promise<T>): Promise<Tell<T>> => {
  try {
    const value = await effect()
    return (resolve) => resolve(value)
  } catch (error) {
    return (_resolve, reject) => reject(error)
  }
}
