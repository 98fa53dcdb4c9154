/** Kinds of faults. Each seed draws which of them it has, and how often they strike. */
export const faultClasses = [
  /** A process ends at an awaited step before it takes effect, or behind it; or at a milestone. */
  'crash-before-effect',
  'crash-after-effect',
  'crash-at-milestone',
  /** A request is lost: it never takes effect, and no answer comes. */
  'request-lost',
  /** The effect is there, the answer is lost. */
  'answer-lost',
  /** The answer comes late, but in time. */
  'answer-late',
  /** The effect takes place long after the caller gave up. */
  'request-late',
  /** A request takes effect twice: a client sent it again after an answer got lost. */
  'request-twice',
  /** A process stands still for longer than its session, and goes on. */
  'pause',
  /** The group's coordinator begins a rebalance without a cause. */
  'rebalance',
  /** A transaction is ended by its coordinator before its owner commits. */
  'coordinator-abort',
  /** Commit and abort markers reach partitions late, each at its own time. */
  'marker-late',
  /** The store's connection is lost before or after COMMIT; a statement fails in a way that may pass. */
  'store-lost-before-commit',
  'store-lost-after-commit',
  'store-statement-fails',
  /** A clock that is hours off, or jumps. */
  'clock-jump',
  'broker-clock-back',
  /** Fetches of a few bytes, cut at odd places. */
  'small-polls',
  'bad-input',
  /** Events that come after their window has closed; from a clock that is far ahead. */
  'late-event',
  'future-event',
  /** The same event once more. */
  'duplicate-event',
  /** A control fact stands in some partitions at once, and in the others much later. */
  'control-fact-late',
  /** A fact is published twice. */
  'fact-twice',
  /** A configuration is activated before the catalog holds it whole. */
  'configuration-late',
  /** Retention removes what no checkpoint needs any more. */
  'retention',
  /** The log is at its size limit for a while. */
  'log-full',
] as const
export type FaultClass = (typeof faultClasses)[number]

/** What must happen now and then, or the faults do not reach what they are meant for. */
export const sightings = [
  'event-late',
  'event-duplicate-suppressed',
  'event-rejected',
  'producer-fenced',
  'zombie-commit-refused',
  'restored-in-mid-window',
  'restored-evaluator-judged-again',
  'unknown-commit-took-effect',
  'unknown-commit-had-no-effect',
  'unknown-publish-took-effect',
  'unknown-publish-had-no-effect',
  'aborted-records-in-log',
  'task-moved',
  'alert-raised',
  'alert-resolved',
  'alert-marked',
  'alert-silenced',
  'alert-inhibited',
  'alert-acknowledged',
  'snooze-ended',
  'alert-escalated',
  'alert-flapping',
  'alert-of-a-rule-that-is-gone',
  'service-under-maintenance',
  'objective-burning',
  'fact-applied',
  'fact-refused',
  'configuration-activated',
  'configuration-awaited',
  'configuration-changed-before-restore',
  'store-ahead-of-log',
  'store-left-in-transaction',
  'windows-saved-in-checkpoint',
  'late-request-after-takeover',
] as const
export type Sighting = (typeof sightings)[number]
