import type { Acknowledgement, AcknowledgementGiven } from '@tidemark/model'
import type { AlertState, Episode } from './episode.ts'

/** The alerts of one service, by key. */
export type AlertStates = ReadonlyMap<string, AlertState>

/**
 * Alerts after an answer that was given before the window which ends at `windowEndUs`: it acts on the episode that it names if that is up,
 * and is ignored otherwise, as are one that is over already and one that says what was said before.
 */
export const acknowledge = (
  alerts: AlertStates,
  { alertId, by, note, untilUs }: AcknowledgementGiven,
  windowEndUs: number,
): AlertStates => {
  const found = [...alerts].find(([, { episode }]) => episode?.alertId === alertId)
  if (found === undefined) return alerts
  const [key, state] = found
  const given = { by, note, atUs: windowEndUs, untilUs }
  const episode = state.episode as Episode
  if (!holds(given, windowEndUs) || saysTheSame(given, episode.acknowledgement)) return alerts
  return new Map(alerts).set(key, { ...state, episode: { ...episode, acknowledgement: given } })
}

/** What becomes of an episode's answer in a window: whether one was given or ended in it, which is to be told. */
export const stepAcknowledgement = (
  episode: Episode,
  windowEndUs: number,
): { readonly episode: Episode; readonly isNews: boolean } => {
  const { acknowledgement } = episode
  if (acknowledgement === null) return { episode, isNews: false }
  if (holds(acknowledgement, windowEndUs))
    return { episode, isNews: acknowledgement.atUs === windowEndUs }
  // Behind a snooze, escalation begins from its first step.
  return {
    episode: { ...episode, acknowledgement: null, escalation: 0, unansweredUs: 0 },
    isNews: true,
  }
}

const holds = ({ untilUs }: Acknowledgement, windowEndUs: number): boolean =>
  untilUs === null || windowEndUs < untilUs

const saysTheSame = (given: Acknowledgement, before: Acknowledgement | null): boolean =>
  before !== null &&
  given.by === before.by &&
  given.note === before.note &&
  given.untilUs === before.untilUs
