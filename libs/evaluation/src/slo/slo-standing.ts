import type { SloCounts } from '@tidemark/model'
import { budgetRemaining, isMet } from './budget.ts'

/** What an objective's counts come to. */
export type SloStanding = {
  /** Good of the valid events, rounded down; null at 0 valid events. */
  readonly compliancePpm: number | null
  readonly met: boolean | null
  /** Share of the error budget that is left, rounded half away from zero; unclamped below, null where there is no budget. */
  readonly budgetRemainingPpm: number | null
}

/** In whole parts per million, for views; whether it is met is judged exactly. Source: domain.md section 4. */
export const sloStanding = (counts: SloCounts, targetPpm: number): SloStanding => {
  const remaining = budgetRemaining(counts, targetPpm)
  return {
    compliancePpm: counts.valid === 0 ? null : ppmOf(counts.valid - counts.bad, counts.valid),
    met: isMet(counts, targetPpm),
    budgetRemainingPpm: remaining && roundedPpm(remaining.part, remaining.whole),
  }
}

const ppmOf = (part: number, whole: number): number =>
  Number((BigInt(part) * 1_000_000n) / BigInt(whole))

const roundedPpm = (part: bigint, whole: bigint): number => {
  const magnitude = ((part < 0n ? -part : part) * 2_000_000n + whole) / (whole * 2n)
  return Number(part < 0n ? -magnitude : magnitude)
}
