import { faultClasses, sightings, type FaultClass, type Sighting } from './fault-classes.ts'
import type { Verdict } from './verdict.ts'

/** How often everything happened in a batch of seeds. */
export type Tally = {
  readonly faults: Readonly<Record<FaultClass, number>>
  readonly sightings: Readonly<Record<Sighting, number>>
}

export const tallyOf = (verdicts: readonly Verdict[]): Tally => ({
  faults: sums(
    faultClasses,
    verdicts.map(({ faults }) => faults),
  ),
  sightings: sums(
    sightings,
    verdicts.map((verdict) => verdict.sightings),
  ),
})

/** In a batch of this many seeds or more, everything must have happened. */
export const seedsThatTell = 200
/** The least number of strikes of a fault class, and of each sighting, in so many seeds. */
const strikesPer = { faults: 10, sightings: 20 }

/** What did not happen often enough for a batch of seeds to mean anything. */
export const missingIn = ({ faults, sightings: seen }: Tally, seeds: number): readonly string[] => {
  if (seeds < seedsThatTell) return []
  const below = <K extends string>(counts: Readonly<Record<K, number>>, per: number): string[] =>
    (Object.entries(counts) as [K, number][])
      .filter(([, count]) => count < seeds / per)
      .map(([name, count]) => `${name}: ${count} in ${seeds} seeds, at least ${seeds / per} wanted`)
  return [...below(faults, strikesPer.faults), ...below(seen, strikesPer.sightings)]
}

const sums = <K extends string>(
  names: readonly K[],
  all: readonly Readonly<Record<K, number>>[],
): Record<K, number> =>
  Object.fromEntries(
    names.map((name) => [name, all.reduce((sum, counts) => sum + counts[name], 0)]),
  ) as Record<K, number>
