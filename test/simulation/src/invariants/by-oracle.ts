import type { DerivedTopic } from '@tidemark/model'
import { firstDifference } from '../oracle/differing.ts'
import type { ExpectedStream } from '../oracle/oracle.ts'
import type { ReadRecord } from './derived-events.ts'
import type { JudgedRun } from './judged-run.ts'
import { streamsOf, withoutRepeats } from './streams.ts'
import { placeOf, type InvariantNumber, type Violation } from './violation.ts'

/**
 * I12, and what it says of each topic: the log holds what the oracle makes of the inputs, record for record. What is wrong about
 * ledgers counts for I2, about windows for I3 or, where one is missing or too many, I4; about alerts for I7, about refusals for I10.
 */
export const checkByOracle = ({
  events,
  oracle,
  evidence,
}: Pick<JudgedRun, 'events' | 'oracle' | 'evidence'>): readonly Violation[] => {
  const isExact = evidence.delivery === 'exactly-once'
  const streams = new Map(streamsOf(events.read))
  const unreadable = events.unreadable.map((record): Violation => ({
    invariant: 'I12',
    what: `${placeOf(record)}: not readable`,
  }))
  const wrong = oracle.expected.flatMap((expected) => {
    const name = `${expected.topic} ${expected.name}`
    const found = streams.get(name) ?? []
    streams.delete(name)
    return differenceOf(name, expected, isExact ? found : withoutRepeats(found))
  })
  const surplus = [...streams].map(([name, [first]]): Violation => ({
    invariant: 'I12',
    what: `${name}: ${placeOf(first!.record)}: nothing is expected there`,
  }))
  return [...unreadable, ...wrong, ...surplus]
}

const differenceOf = (
  name: string,
  { topic, events }: ExpectedStream,
  found: readonly ReadRecord[],
): readonly Violation[] => {
  for (const [i, expected] of events.entries()) {
    const { type } = expected as { readonly type: string }
    const there = found[i]
    if (there === undefined)
      return [
        {
          invariant: ofNumber[topic],
          what: `${name}: ends before number ${i}, a ${type} of ${causeText(expected)}`,
        },
      ]
    const difference = firstDifference(expected, there.event)
    if (difference === null) continue
    const isAnother = /^(type|cause|service|window)/.test(difference)
    const invariant = topic === 'aggregates' && !isAnother ? (ofRow[type] ?? 'I3') : ofNumber[topic]
    const what = `${name}: ${placeOf(there.record)}, number ${i}, a ${type}: ${difference}`
    return [{ invariant, what }]
  }
  const surplus = found[events.length]
  return surplus === undefined
    ? []
    : [
        {
          invariant: ofNumber[topic],
          what: `${name}: ${placeOf(surplus.record)}: ${events.length} records are expected`,
        },
      ]
}

const ofRow: { readonly [type in string]?: InvariantNumber } = {
  PartitionAdvanced: 'I2',
  FactApplied: 'I12',
}

const ofNumber: { readonly [T in DerivedTopic]: InvariantNumber } = {
  aggregates: 'I4',
  rejected: 'I10',
  alerts: 'I7',
  assessments: 'I12',
  fleet: 'I12',
  'platform-reports': 'I12',
}

const causeText = (expected: object): string => {
  const { cause, windowEndUs } = expected as { readonly cause?: object; windowEndUs?: number }
  return cause === undefined ? `${windowEndUs} us` : JSON.stringify(cause)
}
