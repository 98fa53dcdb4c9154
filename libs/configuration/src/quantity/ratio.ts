import { decimalOf, decimalText, inUnits } from './decimal.ts'
import { accepted, refused, shown, type Outcome } from './outcome.ts'

export const ratioForms = 'a percentage like 99.5% or a fraction like 0.995'

/** A hundred million percent: far beyond what any rule needs, and exact in every sum. */
const ppmMax = 1_000_000_000_000n

/**
 * A ratio in parts per million, from `99.5%` or `0.995`. A bare 1 is refused, for it is one percent to some and all to others; so is what is
 * finer than one part per million.
 */
export const ratioOf = (text: string): Outcome<number> => {
  const percent = text.endsWith('%')
  const decimal = decimalOf(percent ? text.slice(0, -1).trimEnd() : text)
  if (decimal === null) return refused(`${shown(text)} is neither ${ratioForms}`)
  if (!percent && decimal.decimals === 0 && decimal.digits !== 0n)
    return refused(
      `${text} may be ${text}% or ${text}00%: write ${text}%, or a fraction with a point like 0.995`,
    )
  const ppm = inUnits(decimal, percent ? 4 : 6)
  if (ppm === null)
    return refused(
      `${shown(text)} is finer than one part per million: at most ${percent ? '4 decimals of a percentage' : '6 decimals of a fraction'}`,
    )
  if (ppm > ppmMax || ppm < -ppmMax) return refused(`${shown(text)} is not within 100,000,000 %`)
  return accepted(Number(ppm))
}

/** Parts per million as a percentage: `99.5%`. */
export const ratioText = (ppm: number): string => `${decimalText(ppm, 4)}%`
