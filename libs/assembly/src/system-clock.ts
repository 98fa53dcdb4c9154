import { setImmediate, setTimeout } from 'node:timers/promises'
import type { EngineClock } from '@tidemark/engine'

/** The machine's own clock, for the engine. */
export const systemClock: EngineClock = {
  nowMs: () => performance.now(),
  breathe: () => setImmediate(),
  sleep: async (ms, signal) => {
    try {
      await setTimeout(ms, undefined, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  },
}
