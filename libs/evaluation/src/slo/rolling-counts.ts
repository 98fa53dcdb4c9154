import { invariant } from '@tidemark/model'
import type { SloCounts } from './budget.ts'

const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
/** Steps of a minute are kept for so long; spans up to it are sums of minutes, longer ones of hours. */
export const minutesKept = 360

/**
 * Good and bad events of one objective by minute and by hour, in rings. A step holds the events of the windows that start in it. Nothing
 * is ever averaged or scaled: a span is a sum of whole steps and the running one.
 */
export type RollingCounts = {
  readonly minutes: Ring
  readonly hours: Ring
}

/** `newest` is the number of the newest step since the epoch; -1: none yet. */
export type Ring = {
  readonly stepUs: number
  newest: number
  readonly valid: Float64Array
  readonly bad: Float64Array
}

/** Remembers `periodUs`, at most 31 days: 18 KB. */
export const rollingCounts = (periodUs: number): RollingCounts => {
  const hours = Math.ceil(periodUs / hourUs)
  invariant(hours >= 1 && hours <= 31 * 24, `an objective's window of ${periodUs} us`)
  // One more than the span, for the running step.
  return { minutes: ring(minuteUs, minutesKept + 1), hours: ring(hourUs, hours + 1) }
}

const ring = (stepUs: number, steps: number): Ring => ({
  stepUs,
  newest: -1,
  valid: new Float64Array(steps),
  bad: new Float64Array(steps),
})

/** Adds what a window holds; windows come in their order. `counts` may be negative where a correction takes back. */
export const addCounts = (counts: RollingCounts, windowStartUs: number, add: SloCounts): void => {
  for (const each of [counts.minutes, counts.hours]) {
    const step = Math.floor(windowStartUs / each.stepUs)
    advance(each, step)
    addAt(each, step, add)
  }
}

/** Adds to a step of the past, as far as it is still remembered. */
export const correctCounts = (counts: RollingCounts, atUs: number, add: SloCounts): void => {
  for (const each of [counts.minutes, counts.hours])
    addAt(each, Math.floor(atUs / each.stepUs), add)
}

/** The last `spanUs` before a window end: whole steps, and the running one on top. */
export const countsOver = (
  counts: RollingCounts,
  windowEndUs: number,
  spanUs: number,
): SloCounts => {
  const from = spanUs <= minutesKept * minuteUs ? counts.minutes : counts.hours
  const { stepUs, newest } = from
  const end = Math.ceil(windowEndUs / stepUs)
  const first = Math.floor(windowEndUs / stepUs) - Math.ceil(spanUs / stepUs)
  const steps = from.valid.length
  let valid = 0
  let bad = 0
  for (
    let step = Math.max(first, newest - steps + 1, 0);
    step < Math.min(end, newest + 1);
    step++
  ) {
    valid += from.valid[step % steps]!
    bad += from.bad[step % steps]!
  }
  return { valid, bad }
}

/** Steps that were passed over hold nothing. */
const advance = (each: Ring, step: number): void => {
  const steps = each.valid.length
  for (let next = Math.max(each.newest + 1, step - steps + 1); next <= step; next++) {
    each.valid[next % steps] = 0
    each.bad[next % steps] = 0
  }
  each.newest = Math.max(each.newest, step)
}

const addAt = (each: Ring, step: number, { valid, bad }: SloCounts): void => {
  const steps = each.valid.length
  if (step > each.newest || step <= each.newest - steps || step < 0) return
  each.valid[step % steps]! += valid
  each.bad[step % steps]! += bad
}
