/** What happened in a test, and a way to wait for it. */
export type Journal<T> = {
  readonly note: (event: T) => void
  readonly events: () => readonly T[]
  /** Resolves when the events satisfy the condition; looked at after every one. */
  readonly until: (condition: (events: readonly T[]) => boolean) => Promise<void>
}

export const journal = <T>(): Journal<T> => {
  const events: T[] = []
  const waiting = new Set<() => void>()
  return {
    note: (event) => {
      events.push(event)
      for (const check of [...waiting]) check()
    },
    events: () => events,
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition(events)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
