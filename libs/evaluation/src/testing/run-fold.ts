import type { Checkpoint, Output, TaskFold } from '@tidemark/model'
import type { MemoryLog } from './memory-log.ts'

/** What a run of a fold does next: reads so many records, works so many units, commits, or dies and starts again. */
export type Turn =
  | { readonly kind: 'read'; readonly records: number }
  | { readonly kind: 'work'; readonly units: number }
  | { readonly kind: 'commit' }
  | { readonly kind: 'crash' }

export type FoldRun = {
  /** What was committed, in its order. */
  readonly committed: readonly Output[]
  readonly checkpoint: Checkpoint | null
  /** Where each start began to read. */
  readonly starts: readonly number[]
}

/**
 * Runs a fold over the whole log as the engine would: outputs count when they are committed with the checkpoint, at a record boundary; a
 * crash loses what was not. After the turns it works off what is left and commits.
 */
export const runFold = (
  open: (checkpoint: Checkpoint | null) => TaskFold,
  log: MemoryLog,
  turns: readonly Turn[],
): FoldRun => {
  const committed: Output[] = []
  const starts: number[] = []
  let checkpoint: Checkpoint | null = null
  let emitted: Output[] = []
  let fold = open(null)
  const position = (): number => fold.sources()[0]?.position ?? 0
  starts.push(position())
  let hasWork = false
  const commit = (): void => {
    if (!fold.atRecordBoundary()) return
    committed.push(...emitted)
    emitted = []
    checkpoint = fold.checkpoint()
  }
  const work = (units: number): void => {
    // What is missing is looked for no earlier, so that a commit or a crash may come before.
    void fold.missing?.()
    hasWork = fold.work(units, (output) => emitted.push(output))
  }
  const read = (records: number): void => {
    if (!hasWork) fold.feed(log.batches(position(), position() + records))
    hasWork = true
  }
  for (const turn of turns)
    switch (turn.kind) {
      case 'read':
        read(turn.records)
        break
      case 'work':
        if (hasWork) work(turn.units)
        break
      case 'commit':
        commit()
        break
      case 'crash':
        emitted = []
        fold = open(checkpoint)
        hasWork = false
        starts.push(position())
        break
    }
  while (hasWork) work(1000)
  read(Number.MAX_SAFE_INTEGER / 2)
  while (hasWork) work(1000)
  commit()
  return { committed, checkpoint, starts }
}
