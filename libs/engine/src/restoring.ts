import type { TaskSession, Want } from '@tidemark/log'
import type { SourcePosition, TaskFold } from '@tidemark/model'

/** What a task has read before: a fold starts behind the positions that were committed, and reads up to them again. */
export type Restoring = {
  /** The committed positions; none where the fold keeps its own. */
  readonly through: readonly Want[]
  /** Whether a source is still below its committed position. */
  readonly isUnderWay: () => boolean
  /** The fold's sources, none below what was committed: positions that are committed never go back. */
  readonly committable: () => readonly SourcePosition[]
}

export const restoringOf = (session: TaskSession, fold: TaskFold): Restoring => {
  // A fold that keeps its position elsewhere is right about it, also when that was lost and everything is read again.
  const committed = fold.persist === undefined ? session.positions : []
  const behind = new Map(committed.map(({ topic, position }) => [topic, position]))
  return {
    through: committed,
    isUnderWay: () => {
      for (const { topic, position } of behind.size === 0 ? [] : fold.sources())
        if (position >= (behind.get(topic) ?? 0)) behind.delete(topic)
      return behind.size > 0
    },
    committable: () =>
      fold.sources().map((source) => {
        const position = behind.get(source.topic)
        return position === undefined || source.position >= position
          ? source
          : { ...source, position }
      }),
  }
}
