/**
 * Points in a task's work at which a crash is worth trying. Nothing in production listens; tests pass a `Reached` that ends the process
 * there. The list is closed, so that a test can demand that each was hit.
 */
export const milestones = [
  /** A poll has returned records, nothing of them is worked off. */
  'fetched',
  /** What was fetched is folded, nothing of it committed. */
  'folded',
  /** Outputs and checkpoint are sent, the commit is open. */
  'sent',
  /** The positions for lag tools are sent as well. */
  'offsets-sent',
  /** The commit is on its way and not answered. */
  'commit-sent',
  /** The commit is answered, the engine has not gone on. */
  'committed',
  /** A task was acquired and its state is half restored. */
  'restoring',
  /** A snapshot of the state is being written. */
  'snapshotting',
  /** The sink's rows and position are written, its store's transaction is open. */
  'rows-written',
  /** The store's transaction is committed, the log has not heard of it. */
  'rows-committed',
] as const
export type Milestone = (typeof milestones)[number]

/** Called when a milestone is passed; returns, or ends the process. */
export type Reached = (milestone: Milestone) => void
