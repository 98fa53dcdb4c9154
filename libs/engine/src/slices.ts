import type { EngineClock } from './options.ts'

/** A slice of work is about this long, so that heartbeats, sockets and signals get their turn. */
const sliceMs = 50

export type Slices = {
  /** Called between two pieces of work: breathes when the slice is over, and begins the next one. */
  readonly turn: () => Promise<void>
}

/** Slices of one task's work. They span batches: many small ones that are there already are one piece of work too. */
export const slices = (clock: EngineClock): Slices => {
  let endMs = clock.nowMs() + sliceMs
  return {
    turn: async () => {
      if (clock.nowMs() < endMs) return
      await clock.breathe()
      endMs = clock.nowMs() + sliceMs
    },
  }
}
