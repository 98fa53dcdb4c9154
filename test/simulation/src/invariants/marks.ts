import type { AlertEvent, Fact } from '@tidemark/model'
import { configurationsOf } from '../oracle/configurations.ts'
import { eventsOf, type ReadRecord } from './derived-events.ts'
import { factIn } from './fact-in.ts'
import type { ReadRun } from './judged-run.ts'
import { streamsOf, withoutRepeats } from './streams.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/**
 * I7, of what alerts carry: a silence is one that a configuration or a fact made, whose interval holds the window's end, and that nobody has
 * ended; an answer is one that somebody gave to this alert; the alert that inhibits goes on; and a mark is told when it changes.
 */
export const checkMarks = ({ events, evidence }: ReadRun): readonly Violation[] => {
  const alerts = [
    ...eventsOf(events, 'AlertRaised'),
    ...eventsOf(events, 'AlertSeverityChanged'),
    ...eventsOf(events, 'AlertMarked'),
    ...eventsOf(events, 'AlertAcknowledged'),
    ...eventsOf(events, 'AlertEscalated'),
    ...eventsOf(events, 'AlertResolved'),
  ].sort((a, b) => a.record.partition - b.record.partition || a.record.offset - b.record.offset)
  const { layout, catalog } = evidence
  const planned = [...configurationsOf(layout, catalog).byId.values()].flatMap(
    ({ silences, maintenance }) => [...silences, ...maintenance],
  )
  const facts = Map.groupBy(
    eventsOf(events, 'FactApplied').map(({ event, record }) => ({
      partition: record.partition,
      clockMs: event.clockMs,
      fact: factIn(event.fact),
    })),
    ({ partition }) => partition,
  )
  return violations(
    'I7',
    [...streamsOf(alerts).values()].map(withoutRepeats).flatMap((stream) =>
      stream.flatMap((each, i) => {
        const known = facts.get(each.record.partition) ?? []
        return wrongMarks(each, stream.slice(0, i), known, planned)
      }),
    ),
  )
}

type Known = { readonly clockMs: number; readonly fact: Fact }
type Interval = { readonly id: string; readonly fromUs: number; readonly toUs: number }

const wrongMarks = (
  { record, event }: ReadRecord,
  before: readonly ReadRecord[],
  facts: readonly Known[],
  planned: readonly Interval[],
): readonly string[] => {
  const alert = event as AlertEvent
  const { windowEndUs, windowStartUs, silencedBy, inhibitedBy, acknowledgement } = alert
  const acting = facts
    .filter(({ clockMs }) => clockMs * 1000 <= windowStartUs)
    .map(({ fact }) => fact)
  const made = acting.flatMap((fact) => (fact.type === 'SilenceCreated' ? [fact] : []))
  const isEnded = (id: string): boolean =>
    acting.some((fact) => fact.type === 'SilenceExpired' && fact.silenceId === id)
  const isHolding = (id: string): boolean =>
    [...planned, ...made.filter(() => !isEnded(id))].some(
      (each) => each.id === id && each.fromUs <= windowEndUs && windowEndUs < each.toUs,
    )
  const isGiven = acting.some(
    (fact) =>
      fact.type === 'AcknowledgementGiven' &&
      fact.alertId === alert.alertId &&
      fact.by === acknowledgement?.by &&
      fact.note === acknowledgement.note &&
      fact.untilUs === acknowledgement.untilUs,
  )
  const inhibitor = before.findLast(({ event: e }) => (e as AlertEvent).alertId === inhibitedBy)
  const wrong = {
    'silenced by what does not hold': silencedBy.some((id) => !isHolding(id)),
    'silences that are not sorted, each once':
      silencedBy.join(' ') !== [...new Set(silencedBy)].sort().join(' '),
    'an answer that nobody gave': acknowledgement !== null && !isGiven,
    'a snooze that is over': (acknowledgement?.untilUs ?? windowEndUs + 1) <= windowEndUs,
    'inhibited by itself': inhibitedBy === alert.alertId,
    'inhibited by what ended before':
      inhibitor?.event.type === 'AlertResolved' && inhibitor.event.windowEndUs < windowEndUs,
  }
  return Object.entries(wrong)
    .filter(([, isSo]) => isSo)
    .map(
      ([what]) => `${placeOf(record)}: ${alert.type} of ${alert.rule}, ${alert.service}: ${what}`,
    )
}
