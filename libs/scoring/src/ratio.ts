import type { RuleScore } from './score.ts'

/** A ratio as its two integers; null where the whole is 0: absent, neither 0 nor 1. */
export type Ratio = { readonly part: number; readonly whole: number } | null

/** True episodes of all episodes. */
export const precisionOf = ({ trueEpisodes, falseEpisodes }: RuleScore): Ratio =>
  ratioOf(trueEpisodes, trueEpisodes + falseEpisodes)

/** Detected faults of all that should be detected. */
export const recallOf = ({ detected, faults }: RuleScore): Ratio => ratioOf(detected, faults)

const ratioOf = (part: number, whole: number): Ratio => (whole === 0 ? null : { part, whole })

const dayUs = 86_400_000_000
const million = 1_000_000

/** Pages x 24 h / observed time, in millionths, rounded down; null where nothing was observed. */
export const pagesPerDayMicro = ({ pages }: RuleScore, observedUs: number): bigint | null =>
  observedUs === 0 ? null : (BigInt(pages) * BigInt(dayUs) * BigInt(million)) / BigInt(observedUs)

/** Parts per million, rounded down. */
export const ppmOf = (ratio: Ratio): number | null =>
  ratio && Number((BigInt(ratio.part) * BigInt(million)) / BigInt(ratio.whole))
