/** Measures the time in which a process was seen running: what it spent stopped, or its machine asleep, is left out. */
export type RunningTime = {
  /** Running time since the last call. */
  readonly elapsedMs: () => number
}

/** Called about every `intervalMs`; a gap of more than two is one in which nothing ran. */
export const runningTime = (intervalMs: number, monotonicMs: () => number): RunningTime => {
  let lastMs = monotonicMs()
  return {
    elapsedMs: () => {
      const nowMs = monotonicMs()
      const gapMs = nowMs - lastMs
      lastMs = nowMs
      return Math.max(0, Math.min(gapMs, 2 * intervalMs))
    },
  }
}
