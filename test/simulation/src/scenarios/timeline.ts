import type { Draws } from '../faults/random.ts'

/** A stretch of time in which records come; between stretches nobody looks. */
export type Stretch = { readonly fromMs: number; readonly toMs: number }

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** An ordinary day, the end of a month, of a leap year's February, and of a year. */
const beginnings = [
  Date.UTC(2025, 9, 9, 8, 53, 20),
  Date.UTC(2025, 9, 31, 23, 31, 7),
  Date.UTC(2028, 1, 29, 22, 0, 0),
  Date.UTC(2025, 11, 31, 12, 59, 58),
]

/** Some stretches of minutes with gaps of minutes to days, so that a run of some hundred windows spans what months are asked about. */
export const timelineOf = (draw: Draws): readonly Stretch[] => {
  const stretches: Stretch[] = []
  let fromMs = draw.pick(beginnings)
  const count = draw.between(2, 4)
  for (let i = 0; i < count; i++) {
    const toMs = fromMs + draw.between(10, 70 / count) * minuteMs + draw.between(0, 59_999)
    stretches.push({ fromMs, toMs })
    fromMs = toMs + draw.pick([4 * minuteMs, 50 * minuteMs, 5 * hourMs, 26 * hourMs, 80 * hourMs])
  }
  return stretches
}

/** A time in one of the stretches. */
export const someTimeIn = (stretches: readonly Stretch[], draw: Draws): number => {
  const { fromMs, toMs } = draw.pick(stretches)
  return draw.between(fromMs, toMs)
}
