import type { Evidence } from '../evidence.ts'
import type { JudgedRun } from '../judged-run.ts'
import type { InvariantNumber, Violation } from '../violation.ts'

/** A fault that is planted in a clean run, and what one check must say of it. */
export type Plant = readonly [
  what: string,
  check: Check,
  invariant: InvariantNumber,
  said: RegExp,
  plant: (evidence: Evidence) => Evidence,
]

export type Check = (run: JudgedRun) => readonly Violation[] | Promise<readonly Violation[]>
