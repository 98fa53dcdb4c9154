import { describe, expect, it } from '@jest/globals'
import { planOf } from '../faults/plan.ts'
import { simulate } from '../faults/simulate.ts'
import type { Sabotage } from '../faults/index.ts'
import { violationsOf } from '../invariants/check.ts'
import { evidenceOfFaultRun } from '../invariants/of-fault-run.ts'
import type { InvariantNumber, Violation } from '../invariants/violation.ts'
import type { Saboteur } from './saboteur.ts'
import { saboteurs } from './saboteurs.ts'

/** A bug may take a while to meet the fault that shows it. */
const seedsMax = 150

/** What the checks say of a seed; null where nothing came to rest, so that they cannot judge it. */
const found = async (seed: number, sabotage?: Sabotage): Promise<readonly Violation[] | null> => {
  const run = await simulate(seed, sabotage)
  try {
    return run.liveness.kind === 'stuck' ? null : await violationsOf(await evidenceOfFaultRun(run))
  } finally {
    await run.close()
  }
}

/** The first seed in which the invariant of a saboteur is broken, and what is said of it; null in none. */
const caught = async ({
  invariant,
  sabotage,
}: Saboteur): Promise<{
  readonly seed: number
  readonly violations: readonly Violation[]
} | null> => {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const violations = await found(seed, sabotage(planOf(seed).layout))
    if (violations?.some((each) => each.invariant === invariant) === true)
      return { seed, violations }
  }
  return null
}

describe('a bug made on purpose', () => {
  it('comes in every kind that is known to get past ordinary tests', () => {
    expect(saboteurs.length).toBeGreaterThanOrEqual(12)
    expect(new Set(saboteurs.map(({ name }) => name)).size).toBe(saboteurs.length)
  })

  it.each(saboteurs.map((saboteur) => [saboteur.invariant, saboteur.name, saboteur] as const))(
    'is caught by %s: %s',
    async (invariant: InvariantNumber, _name: string, saboteur: Saboteur) => {
      const first = await caught(saboteur)
      expect(first?.violations.map((violation) => violation.invariant)).toContain(invariant)
      // Without it, the same seed has nothing to complain about.
      expect(await found(first!.seed)).toEqual([])
    },
    900_000,
  )
})
