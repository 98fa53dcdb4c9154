import type { Database } from './database.ts'

/** Who waits for something in the log: told by name within this process, and by the file's version when another one wrote. */
export type Watch = {
  /** Wakes those who wait for one of the names. */
  readonly notify: (names: Iterable<string>) => void
  /** Resolves when one of the names may have changed, at the latest after `ms`, at once on abort. False: nothing has changed. */
  readonly wait: (names: readonly string[], ms: number, signal?: AbortSignal) => Promise<boolean>
  /** Wakes everybody; nobody waits from then on. */
  readonly close: () => void
}

export const partitionName = (topic: string, partition: number): string => `${topic}/${partition}`
export const tasksName = (processor: string): string => `tasks of ${processor}`

/** How soon what another process wrote is noticed. Looked at only while somebody waits, for some microseconds. */
const lookMs = 20
/** Longer timers ring at once. */
const timerMsMax = 2 ** 31 - 1

type Waiter = { readonly names: readonly string[]; readonly wake: () => void }

export const watchOn = (database: Database): Watch => {
  const waiters = new Set<Waiter>()
  const version = (): unknown => database.first('pragma data_version')?.data_version
  // Older than what a waiter has read: so a change between its last look and its wait shows, and a change it has seen wakes it once more.
  let seen = version()
  let timer: NodeJS.Timeout | null = null
  let closed = false

  const wakeAll = (): void => {
    for (const { wake } of [...waiters]) wake()
  }

  const look = (): void => {
    try {
      const now = version()
      if (now === seen) return
      seen = now
    } catch {
      // Those who wait find the same trouble when they read, and can say so.
    }
    wakeAll()
  }

  const leave = (waiter: Waiter): void => {
    waiters.delete(waiter)
    if (waiters.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }

  return {
    notify: (names) => {
      const changed = new Set(names)
      for (const waiter of [...waiters])
        if (waiter.names.some((name) => changed.has(name))) waiter.wake()
    },
    wait: (names, ms, signal) =>
      new Promise((resolve) => {
        if (closed || ms <= 0 || signal?.aborted === true) {
          resolve(true)
          return
        }
        const end = (hasChanged: boolean): void => {
          clearTimeout(deadline)
          signal?.removeEventListener('abort', wake)
          leave(waiter)
          resolve(hasChanged)
        }
        const wake = (): void => {
          end(true)
        }
        const waiter = { names, wake }
        const deadline = setTimeout(end, Math.min(ms, timerMsMax), false)
        signal?.addEventListener('abort', wake)
        waiters.add(waiter)
        timer ??= setInterval(look, lookMs)
      }),
    close: () => {
      closed = true
      wakeAll()
    },
  }
}
