import { derivedEventsOf } from '../invariants/derived-events.ts'
import { compared } from './compared.ts'
import { seenIn, type Seen } from './seen.ts'

/** What is to be said of a seed. */
export type ScenarioVerdict = {
  readonly seed: number
  /** Where processors and oracle differ, each in a line; empty: nowhere. */
  readonly differences: readonly string[]
  readonly seen: Seen
}

export const verdictOn = async (seed: number): Promise<ScenarioVerdict> => {
  try {
    const { evidence, differences } = await compared(seed)
    return {
      seed,
      differences: differences.map(({ invariant, what }) => `${invariant}: ${what}`),
      seen: seenIn(derivedEventsOf(evidence).read.map(({ event }) => event)),
    }
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { seed, differences: [what.split('\n', 4).join(' ')], seen: {} }
  }
}
