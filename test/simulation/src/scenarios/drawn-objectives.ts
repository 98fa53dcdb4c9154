import type { Indicator, Slo } from '@tidemark/model'
import type { Draws } from '../faults/random.ts'
import { serviceNames } from './drawn-matchers.ts'

export const targets = [500_000, 900_000, 950_000, 990_000, 995_000, 999_900, 1_000_000] as const

export const slosOf = (draw: Draws): readonly Slo[] => {
  const ids = ['avail', 'fast', 'up', 'jobs', 'clean'].filter(() => draw.chance(0.5))
  return ids.flatMap((id): readonly Slo[] => {
    const shared = { id, service: null, targetPpm: draw.pick(targets), period: periodOf(draw) }
    const own = { ...shared, service: draw.pick(serviceNames), targetPpm: draw.pick(targets) }
    return [
      { ...shared, indicator: indicatorOf(draw, id) },
      ...(draw.chance(0.3) ? [{ ...own, indicator: indicatorOf(draw, id) }] : []),
    ]
  })
}

const periodOf = (draw: Draws): Slo['period'] =>
  draw.chance(0.2)
    ? { kind: 'calendar-month' }
    : { kind: 'rolling', days: draw.pick([1, 2, 7, 28, 30]) }

const indicatorOf = (draw: Draws, id: string): Indicator => {
  switch (id) {
    case 'fast':
      return { kind: 'latency', thresholdUs: draw.pick([60_000, 100_000, 500_000]) }
    case 'up':
      return { kind: 'uptime' }
    case 'jobs':
      return {
        kind: 'job-latency',
        thresholdUs: draw.pick([100_000, 1_000_000]),
        operations: draw.pick(['job:*', '*', '*:pay', 'job:mail']),
      }
    case 'clean':
      return {
        kind: 'availability',
        badStatuses: [
          { from: 429, to: 429 },
          { from: 500, to: 599 },
        ],
      }
    default:
      return { kind: 'availability', badStatuses: null }
  }
}
