import { eventsOf, type ReadRecord } from './derived-events.ts'
import type { ReadRun } from './judged-run.ts'
import { causeOf, streamsOf } from './streams.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/**
 * I4: a window of a service is closed once per source, and nothing derived is there twice: causes rise. Where delivery is at least
 * once, a repeat is what was said before, to the byte.
 */
export const checkRepeats = (run: ReadRun): readonly Violation[] => {
  const isExact = run.evidence.delivery === 'exactly-once'
  const streams = [...streamsOf(run.events.read)]
  return violations('I4', [
    ...(isExact ? closedTwice(run) : []),
    ...streams.flatMap(([name, stream]) =>
      isExact ? notRising(name, stream) : unequalRepeats(name, stream),
    ),
  ])
}

const closedTwice = ({ events }: ReadRun): readonly string[] => {
  const rows = [
    ...eventsOf(events, 'RequestWindowClosed'),
    ...eventsOf(events, 'HealthWindowClosed'),
  ]
  const first = new Map<string, ReadRecord>()
  return rows.flatMap((row) => {
    const { type, service, overflow, windowStartUs, cause } = row.event
    // Services above the cap share a row in each partition.
    const which = overflow ? ` above the cap of partition ${cause.partition}` : ''
    const name = `${type} of ${service}${which}, ${windowStartUs} us`
    const before = first.get(name)
    if (before === undefined) first.set(name, row)
    return before === undefined
      ? []
      : [`${name}: ${placeOf(before.record)} and ${placeOf(row.record)}`]
  })
}

const notRising = (name: string, stream: readonly ReadRecord[]): readonly string[] =>
  stream.flatMap(({ record, event }, i) => {
    const before = stream[i - 1]
    if (before === undefined) return []
    const [at, index] = causeOf(event)
    const [lastAt, lastIndex] = causeOf(before.event)
    return at > lastAt || (at === lastAt && index > lastIndex)
      ? []
      : [`${name}: ${placeOf(record)}: cause ${at}, ${index} after ${lastAt}, ${lastIndex}`]
  })

const unequalRepeats = (name: string, stream: readonly ReadRecord[]): readonly string[] => {
  const first = new Map<string, ReadRecord>()
  return stream.flatMap((each) => {
    const cause = causeOf(each.event).join(', ')
    const before = first.get(cause)
    if (before === undefined) first.set(cause, each)
    const isSame =
      before === undefined || Buffer.from(before.record.value!).equals(each.record.value!)
    return isSame
      ? []
      : [`${name}: ${placeOf(each.record)} is not what ${placeOf(before.record)} said of ${cause}`]
  })
}
