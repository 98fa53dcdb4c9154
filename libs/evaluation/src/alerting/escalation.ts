import type { EscalationStep } from '@tidemark/model'
import type { Episode } from './episode.ts'

/**
 * Takes the next escalation step where that has waited `afterUs` for an answer. Time is counted from one window's end to the next, by how
 * the alert stood at the first of them, `before` (null: not raised yet): while nobody has answered, nothing hides it and its severity is
 * one of the step's. Steps for other severities are passed over; in one window at most one is taken.
 */
export const escalate = (
  before: Episode | null,
  episode: Episode,
  steps: readonly EscalationStep[],
  windowUs: number,
): { readonly episode: Episode; readonly isNews: boolean } => {
  const hasWaited = before !== null && waitsFor(before, steps) !== null
  const unansweredUs = episode.unansweredUs + (hasWaited ? windowUs : 0)
  const next = waitsFor(episode, steps)
  const isDue = next !== null && unansweredUs >= (steps[next] as EscalationStep).afterUs
  if (isDue) return { episode: { ...episode, escalation: next + 1, unansweredUs }, isNews: true }
  return { episode: hasWaited ? { ...episode, unansweredUs } : episode, isNews: false }
}

/** Index of the step that comes next if nobody answers; null: none does, or somebody has, or nobody is told of it. */
const waitsFor = (
  { acknowledgement, silencedBy, inhibitedBy, severity, escalation }: Episode,
  steps: readonly EscalationStep[],
): number | null => {
  if (acknowledgement !== null || silencedBy.length > 0 || inhibitedBy !== null) return null
  const next = steps.findIndex(
    ({ severities }, at) => at >= escalation && severities.includes(severity),
  )
  return next === -1 ? null : next
}
