import { unreachable } from '@tidemark/model'
import type { Assessment } from '../assessment.ts'
import { stepAcknowledgement } from './acknowledgement.ts'
import { fieldsOf, resolvedDraft, type AlertDraft, type DraftFields } from './alert-events.ts'
import type { AlertState, Episode, Turn } from './episode.ts'
import { escalate } from './escalation.ts'
import { hidesAlike, type Hiding } from './marks.ts'
import { recoveredText, summaryOf } from './summary.ts'
import type { TurnedAlert } from './turned-alert.ts'

type Told = { readonly state: AlertState; readonly drafts: readonly AlertDraft[] }

/**
 * The events of one alert in one window, and its state behind them: at most one of raised, severity changed, resolved and marked, then that
 * it was answered or no longer is, then that it has escalated. All of them carry its marks as they are after the window.
 */
export const tell = (assessment: Assessment, turned: TurnedAlert, hiding: Hiding): Told => {
  const { before, state, turn } = turned
  if (turned.episode === null) return { state, drafts: [] }
  const isHidingNews = !hidesAlike(hiding, turned.episode)
  const hidden = isHidingNews ? { ...turned.episode, ...hiding } : turned.episode
  const { windowEndUs } = assessment.window
  const answered = stepAcknowledgement(hidden, windowEndUs)
  const { configuration, windowUs } = assessment.plan
  const escalated =
    turn.kind === 'resolved'
      ? { episode: answered.episode, isNews: false }
      : escalate(before.episode, answered.episode, configuration.escalation, windowUs)
  const isNews = turn.kind !== 'none' || isHidingNews || answered.isNews || escalated.isNews
  const episode = isNews
    ? { ...escalated.episode, summary: summaryAfter(assessment, turned) }
    : escalated.episode
  const after = stateAfter(state, turn, episode)
  if (!isNews) return { state: after, drafts: [] }
  const episodes = turn.kind === 'raised' ? state.episodes + 1 : state.episodes
  const fields = fieldsOf(turned.subject, assessment, { ...state, episodes }, episode)
  const drafts = turnDrafts(turn, fields, isHidingNews)
  if (turn.kind === 'resolved') return { state: after, drafts }
  return {
    state: after,
    drafts: [
      ...drafts,
      ...(answered.isNews ? [{ type: 'AlertAcknowledged', ...fields } as const] : []),
      ...(escalated.isNews ? [{ type: 'AlertEscalated', ...fields } as const] : []),
    ],
  }
}

/** Of this window where the rule speaks up in it, else the last one. */
const summaryAfter = (
  assessment: Assessment,
  { subject, turn, isActive, episode }: TurnedAlert,
): string => {
  const { severity, summary } = episode as Episode
  if (turn.kind === 'resolved') return recoveredText(subject, assessment, severity)
  return isActive ? summaryOf(subject, assessment, severity) : summary
}

const stateAfter = (state: AlertState, turn: Turn, episode: Episode): AlertState => {
  switch (turn.kind) {
    case 'raised':
      return { ...state, episodes: state.episodes + 1, episode }
    case 'resolved':
      return { ...state, episode: null }
    case 'none':
    case 'severity':
    case 'flapping':
      return episode === state.episode ? state : { ...state, episode }
    default:
      return unreachable(turn)
  }
}

const turnDrafts = (
  turn: Turn,
  fields: DraftFields,
  isHidingNews: boolean,
): readonly AlertDraft[] => {
  switch (turn.kind) {
    case 'raised':
      return [{ type: 'AlertRaised', ...fields }]
    case 'severity':
      return [{ type: 'AlertSeverityChanged', ...fields, previousSeverity: turn.previous }]
    case 'resolved':
      return [resolvedDraft(fields, turn.reason)]
    case 'flapping':
      return [{ type: 'AlertMarked', ...fields }]
    case 'none':
      return isHidingNews ? [{ type: 'AlertMarked', ...fields }] : []
    default:
      return unreachable(turn)
  }
}
