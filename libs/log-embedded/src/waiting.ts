/** Who waits for records: woken in this process by name, by other processes through the file's version. */
export type Waiting = {
  /** Wakes those who wait for one of the partitions, `topic/partition`. */
  readonly wake: (partitions: Iterable<string>) => void
  /** Resolves when one of the partitions may have something new, at the latest after `maxWaitMs`, at once on abort. */
  readonly wait: (
    partitions: readonly string[],
    maxWaitMs: number,
    signal: AbortSignal | undefined,
  ) => Promise<void>
  readonly close: () => void
}

/** How soon what another process wrote is noticed; looked at only while somebody waits. */
const versionPollMs = 20

export const waitingOn = (version: () => number): Waiting => {
  const waiters = new Set<{ readonly partitions: readonly string[]; readonly wake: () => void }>()
  let seen = version()
  let poll: NodeJS.Timeout | null = null
  const wakeAll = (): void => {
    for (const { wake } of [...waiters]) wake()
  }
  const look = (): void => {
    const now = version()
    if (now === seen) return
    seen = now
    wakeAll()
  }
  const settle = (): void => {
    if (waiters.size > 0 || poll === null) return
    clearInterval(poll)
    poll = null
  }
  return {
    wake: (partitions) => {
      const named = new Set(partitions)
      for (const waiter of [...waiters])
        if (waiter.partitions.some((name) => named.has(name))) waiter.wake()
    },
    wait: (partitions, maxWaitMs, signal) => {
      if (signal?.aborted === true || maxWaitMs <= 0) return Promise.resolve()
      return new Promise((resolve) => {
        const waiter = {
          partitions,
          wake: () => {
            clearTimeout(timer)
            signal?.removeEventListener('abort', waiter.wake)
            waiters.delete(waiter)
            settle()
            resolve()
          },
        }
        const timer = setTimeout(waiter.wake, maxWaitMs)
        signal?.addEventListener('abort', waiter.wake, { once: true })
        waiters.add(waiter)
        // A change between the caller's last look and now shows at the first poll, since `seen` is older.
        poll ??= setInterval(look, versionPollMs)
      })
    },
    close: wakeAll,
  }
}
