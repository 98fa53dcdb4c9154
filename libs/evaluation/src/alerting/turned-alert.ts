import type { AlertSubject } from './rules.ts'
import type { AlertState, Episode, Turn } from './episode.ts'

/** An alert after the verdict of a window, before its marks are set. */
export type TurnedAlert = {
  readonly subject: AlertSubject
  readonly before: AlertState
  /** Condition and flap memory as they are after this window, the rest as it was before. */
  readonly state: AlertState
  readonly turn: Turn
  /** What the events of this window are about, with the severity that they tell; null: nothing is up. */
  readonly episode: Episode | null
  /** Whether the rule itself says in this window that something is wrong. */
  readonly isActive: boolean
}
