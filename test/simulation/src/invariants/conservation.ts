import type { RequestCounts } from '@tidemark/model'
import { slotsInV2, type Slot } from '../oracle/latencies.ts'
import { eventsOf } from './derived-events.ts'
import type { ReadRun } from './judged-run.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/** I3: a window's count is the sum of its slots and of its statuses, and its operations or checks together are the window. */
export const checkConservation = ({ events }: ReadRun): readonly Violation[] => {
  const requests = eventsOf(events, 'RequestWindowClosed').flatMap(({ record, event }) => {
    const { operations } = event
    const add = (pick: (counts: RequestCounts) => number): number => sum(operations.map(pick))
    const faults = {
      'operations do not add up to the total': add(({ total }) => total) !== event.total,
      'operations do not add up to the failures': add(({ failed }) => failed) !== event.failed,
      'operations do not add up to what is over the range':
        add(({ overRange }) => overRange) !== event.overRange,
      'the slots of the operations are not the slots of the window':
        textOf(operations.flatMap(({ histogram }) => slotsInV2(histogram))) !==
        textOf(slotsInV2(event.histogram)),
      'the slots do not add up to the count': [event, ...operations].some(
        ({ histogram, total }) => sum(slotsInV2(histogram).map(([, count]) => count)) !== total,
      ),
      'the statuses do not add up to the count': [event, ...operations].some(
        ({ statuses, total }) => sum(statuses.map((status) => status.events)) !== total,
      ),
      'the input range holds another number of events': event.input.events !== event.total,
    }
    return named(faults, `${placeOf(record)}, ${event.service} ${event.windowStartUs}`)
  })
  const checks = eventsOf(events, 'HealthWindowClosed').flatMap(({ record, event }) => {
    const faults = {
      'checks do not add up to the passed':
        sum(event.checks.map(({ passed }) => passed)) !== event.passed,
      'checks do not add up to the failed':
        sum(event.checks.map(({ failed }) => failed)) !== event.failed,
      'the input range holds another number of events':
        event.input.events !== event.passed + event.failed,
    }
    return named(faults, `${placeOf(record)}, ${event.service} ${event.windowStartUs}`)
  })
  return violations('I3', [...requests, ...checks])
}

const named = (faults: Readonly<Record<string, boolean>>, where: string): readonly string[] =>
  Object.entries(faults)
    .filter(([, holds]) => holds)
    .map(([what]) => `${where}: ${what}`)

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** Slots of one lowest value added up, in order. */
const textOf = (slots: readonly Slot[]): string => {
  const counts = new Map<number, number>()
  for (const [lowUs, count] of slots) counts.set(lowUs, (counts.get(lowUs) ?? 0) + count)
  return [...counts].sort(([a], [b]) => a - b).join(' ')
}
