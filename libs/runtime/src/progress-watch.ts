/** A piece of work as a look finds it. `progress` differs whenever something was finished since the last look. */
export type WatchedWork = {
  readonly name: string
  readonly isBehind: boolean
  readonly progress: number
}

export type Stall = { readonly name: string; readonly stalledMs: number }

/** Looks at work now and then, and says what has had something to do and finished nothing, for how long. */
export type ProgressWatch = {
  /** `elapsedMs`: how long the process was seen running since the last look. Returns the longest stall, or null. */
  readonly look: (elapsedMs: number, work: readonly WatchedWork[]) => Stall | null
}

export const progressWatch = (): ProgressWatch => {
  let seen = new Map<string, { readonly progress: number; readonly stalledMs: number }>()
  return {
    look: (elapsedMs, work) => {
      const before = seen
      seen = new Map()
      let longest: Stall | null = null
      for (const { name, isBehind, progress } of work) {
        const last = before.get(name)
        const isStuck = isBehind && last?.progress === progress
        const stalledMs = isStuck ? last.stalledMs + elapsedMs : 0
        seen.set(name, { progress, stalledMs })
        if (stalledMs > (longest?.stalledMs ?? 0)) longest = { name, stalledMs }
      }
      return longest
    },
  }
}
