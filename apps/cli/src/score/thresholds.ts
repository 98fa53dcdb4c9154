import { decimalOf, inUnits, ratioOf } from '@tidemark/configuration'
import {
  thresholdsMissed,
  type Score,
  type ScoreThreshold,
  type ScoreThresholds,
} from '@tidemark/scoring'
import { UsageError } from '../context.ts'
import { durationUsIn } from './duration-us.ts'

export type ThresholdOptions = {
  readonly minRecall?: string
  readonly minPrecision?: string
  readonly maxTimeToDetect?: string
  readonly maxPagesPerDay?: string
}

export const thresholdsIn = (options: ThresholdOptions): ScoreThresholds => ({
  recallMinPpm: ratioIn('--min-recall', options.minRecall),
  precisionMinPpm: ratioIn('--min-precision', options.minPrecision),
  timeToDetectMaxUs: durationUsIn('--max-time-to-detect', options.maxTimeToDetect),
  pagesPerDayMaxMicro: pagesIn(options.maxPagesPerDay),
})

/** The options whose thresholds a score does not reach, as they were given. */
export const missedOptions = (score: Score, options: ThresholdOptions): readonly string[] =>
  thresholdsMissed(score, thresholdsIn(options)).map((threshold) => {
    const { option, given } = optionOf[threshold]
    return `${option} ${given(options) ?? ''}`
  })

const optionOf: {
  readonly [T in ScoreThreshold]: {
    readonly option: string
    readonly given: (options: ThresholdOptions) => string | undefined
  }
} = {
  recallMinPpm: { option: '--min-recall', given: ({ minRecall }) => minRecall },
  precisionMinPpm: { option: '--min-precision', given: ({ minPrecision }) => minPrecision },
  timeToDetectMaxUs: {
    option: '--max-time-to-detect',
    given: ({ maxTimeToDetect }) => maxTimeToDetect,
  },
  pagesPerDayMaxMicro: {
    option: '--max-pages-per-day',
    given: ({ maxPagesPerDay }) => maxPagesPerDay,
  },
}

const ratioIn = (option: string, text: string | undefined): number | null => {
  if (text === undefined) return null
  const outcome = ratioOf(text)
  if (!outcome.ok) throw new UsageError(`${option}: ${outcome.fault}`)
  if (outcome.value < 0 || outcome.value > 1_000_000)
    throw new UsageError(`${option}: ${text} is not within 0% and 100%`)
  return outcome.value
}

const pagesMax = 1_000_000

const pagesIn = (text: string | undefined): number | null => {
  if (text === undefined) return null
  const decimal = decimalOf(text)
  const micro = decimal && inUnits(decimal, 6)
  if (micro === null || micro < 0n || micro > BigInt(pagesMax) * 1_000_000n)
    throw new UsageError(
      `--max-pages-per-day: ${JSON.stringify(text)} is not a number of 0 to ${pagesMax} with up to 6 decimals`,
    )
  return Number(micro)
}
