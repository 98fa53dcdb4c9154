import type { AcknowledgementGiven, Configuration } from '@tidemark/model'
import type { Acknowledgement, Episode, Marks } from './alerts.ts'
import { byText } from './lists.ts'
import { areMatched, type Labels } from './matching.ts'
import { idsOf, type Silences } from './silences.ts'

/** An alert of a service after all its rules were judged, and what was up before they were. */
export type Firing = {
  readonly labels: Labels
  readonly up: Episode
  readonly before: Episode | null
}

export type Marked = {
  readonly up: Episode
  /** Of events after its own one. */
  readonly told: readonly ('AlertAcknowledged' | 'AlertEscalated')[]
  /** It is not hidden by what hid it before. */
  readonly isChanged: boolean
}

export type Moment = {
  readonly endUs: number
  readonly windowUs: number
  readonly configuration: Configuration
  readonly silences: Silences
  /** Of maintenance of the service. */
  readonly maintenance: readonly string[]
  /** That act from this window on. */
  readonly answers: readonly AcknowledgementGiven[]
}

/**
 * What an alert carries after a window, by DESIGN5.md; `others`: those that are up after it, in the order of the configuration, of which one
 * that was resolved in it is none.
 */
export const markedAfter = (one: Firing, others: readonly Firing[], moment: Moment): Marked => {
  const { endUs, windowUs, configuration, silences, maintenance, answers } = moment
  const { up, labels, before } = one
  const silencedBy = [...new Set([...idsOf(silences.alerts, labels), ...maintenance])].sort(byText)
  const inhibitedBy = inhibitorOf(labels, others, configuration)
  const given = before === null ? null : answered(up, answers, endUs)
  const isOver = given !== null && given.untilUs !== null && given.untilUs <= endUs
  const acknowledgement = isOver ? null : given
  const isAnswerTold = isOver || (given !== null && given !== up.marks.acknowledgement)
  // Time since the window before counts by how the alert stood there.
  const hasWaited = !isOver && before !== null && nextStep(before, configuration) !== null
  const unansweredUs = isOver ? 0 : up.unansweredUs + (hasWaited ? windowUs : 0)
  const marks: Marks = {
    ...{ silencedBy, inhibitedBy, acknowledgement },
    escalation: isOver ? 0 : up.marks.escalation,
  }
  const marked = { ...up, marks, unansweredUs }
  const next = nextStep(marked, configuration)
  const isDue = others.includes(one) && next !== null && unansweredUs >= next.afterUs
  return {
    up: isDue ? { ...marked, marks: { ...marks, escalation: next.number } } : marked,
    told: [
      ...(isAnswerTold ? (['AlertAcknowledged'] as const) : []),
      ...(isDue ? (['AlertEscalated'] as const) : []),
    ],
    isChanged:
      JSON.stringify([silencedBy, inhibitedBy]) !==
      JSON.stringify([up.marks.silencedBy, up.marks.inhibitedBy]),
  }
}

/** The first alert that is a source where this one is a target, and not a source itself. */
const inhibitorOf = (
  labels: Labels,
  others: readonly Firing[],
  { inhibition }: Configuration,
): string | null => {
  const applying = inhibition.filter(
    ({ source, target }) => areMatched(target, labels) && !areMatched(source, labels),
  )
  const found = others.find((other) =>
    applying.some(({ source }) => areMatched(source, other.labels)),
  )
  return found?.up.alertId ?? null
}

/** The last thing that was said to an episode; what was over before it could act, or says what was said before, is nothing. */
const answered = (
  { alertId, marks }: Episode,
  answers: readonly AcknowledgementGiven[],
  endUs: number,
): Acknowledgement | null => {
  let last = marks.acknowledgement
  for (const answer of answers) {
    const { by, note, untilUs } = answer
    const isSame = last?.by === by && last.note === note && last.untilUs === untilUs
    if (answer.alertId === alertId && !isSame && (untilUs === null || untilUs > endUs))
      last = { by, note, untilUs, atUs: endUs }
  }
  return last
}

/** The next step for its severity, if somebody is told and nobody has answered; steps are numbered from 1. */
const nextStep = (
  { severity, marks }: Episode,
  { escalation }: Configuration,
): { readonly number: number; readonly afterUs: number } | null => {
  const { silencedBy, inhibitedBy, acknowledgement } = marks
  if (silencedBy.length > 0 || inhibitedBy !== null || acknowledgement !== null) return null
  return (
    escalation
      .map(({ afterUs, severities }, i) => ({ number: i + 1, afterUs, severities }))
      .find(
        (step) =>
          step.number > marks.escalation && step.severities.some((each) => each === severity),
      ) ?? null
  )
}
