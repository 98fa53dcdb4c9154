import { invariant, type SloCounts } from '@tidemark/model'
import { addToStep, slotsOf, stepRing, sumOfSteps, type StepRing } from './step-ring.ts'

export const minuteUs = 60_000_000
export const hourUs = 60 * minuteUs
/** Steps of a minute are kept for so long; spans up to it are sums of minutes, longer ones of hours. */
export const minutesKept = 360
export const periodDaysMax = 31

/**
 * Good and bad events of one objective by minute and by hour. A step holds the events of the windows that start in it. Nothing is ever
 * averaged or scaled: a span is a sum of whole steps and the running one. At most 20 KB. Source: domain.md section 4.
 */
export type RollingCounts = { readonly minutes: StepRing; readonly hours: StepRing }

/** Remembers so many days, at most 31. */
export const rollingCounts = (days: number): RollingCounts => {
  invariant(
    Number.isInteger(days) && days >= 1 && days <= periodDaysMax,
    `an objective's period: ${days} days are not an integer of 1 to ${periodDaysMax}`,
  )
  return { minutes: stepRing(minutesKept), hours: stepRing(24 * days) }
}

/** With what a window holds, or what a correction gives or takes back at some moment. */
export const addCounts = (counts: RollingCounts, atUs: number, add: SloCounts): RollingCounts =>
  add.valid === 0 && add.bad === 0
    ? counts
    : {
        minutes: addToStep(counts.minutes, Math.floor(atUs / minuteUs), add),
        hours: addToStep(counts.hours, Math.floor(atUs / hourUs), add),
      }

/** The last `spanUs` before a window end: whole steps, and the running one on top. */
export const countsOver = (
  counts: RollingCounts,
  windowEndUs: number,
  spanUs: number,
): SloCounts => {
  const isShort = spanUs <= minutesKept * minuteUs
  const stepUs = isShort ? minuteUs : hourUs
  const first = Math.floor(windowEndUs / stepUs) - Math.ceil(spanUs / stepUs)
  const end = Math.ceil(windowEndUs / stepUs)
  return inBounds(sumOfSteps(isShort ? counts.minutes : counts.hours, first, end))
}

/** From a full hour to a window end. */
export const countsSince = (
  counts: RollingCounts,
  fromUs: number,
  windowEndUs: number,
): SloCounts =>
  inBounds(sumOfSteps(counts.hours, Math.floor(fromUs / hourUs), Math.ceil(windowEndUs / hourUs)))

/** Whether a correction of that moment is still counted somewhere. */
export const remembers = ({ hours }: RollingCounts, atUs: number): boolean =>
  Math.floor(atUs / hourUs) >= hours.newest - slotsOf(hours)

/** However much corrections take back, no events are no fewer than none, and bad ones are valid ones. */
const inBounds = (counts: SloCounts): SloCounts => {
  const { valid, bad } = counts
  if (bad >= 0 && valid >= bad) return counts
  const most = Math.max(0, valid)
  return { valid: most, bad: Math.max(0, Math.min(bad, most)) }
}
