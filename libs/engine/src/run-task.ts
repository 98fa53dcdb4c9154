import type { RecordBatches, Processor, SourcePosition, TaskFold } from '@tidemark/model'
import type { TaskSession } from '@tidemark/log'
import { committer, type Committer } from './committer.ts'
import type { EngineOptions, TaskEvent } from './options.ts'
import { restoringOf } from './restoring.ts'
import { slices, type Slices } from './slices.ts'
import { tickWriter } from './tick-writer.ts'
import { waitingFor, type Waiting } from './waiting.ts'

/** Records or emitted rows between two looks at the clock. */
const unitsPerLook = 512
/** Longest wait for records; commits and ticks that fall due shorten it. */
const pollWaitMs = 500

/**
 * The one loop: restore, read, work, commit. Runs a processor on one task until `signal` aborts, then commits what it has and
 * returns. A commit holds outputs, checkpoint and positions of one record boundary, never anything in between.
 */
export const runTask = async (
  processor: Processor,
  session: TaskSession,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<void> => {
  const { name } = processor
  const tell = (event: TaskEvent): void => {
    options.observe?.({ ...event, processor: name, task: session.task })
  }
  tell({ kind: 'opening' })
  try {
    await runFold(processor, session, options, tell, signal)
  } catch (error) {
    tell({ kind: 'failed', error })
    throw error
  }
  tell({ kind: 'released' })
}

const runFold = async (
  processor: Processor,
  session: TaskSession,
  options: EngineOptions,
  tell: (event: TaskEvent) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, ticks, reached = () => undefined } = options
  const startMs = clock.nowMs()
  const fold = await processor.open(session.task, session.checkpoint)
  const restoring = restoringOf(session, fold)
  // What is read before the first commit is, after a take-over, what the last owner had read as well.
  let isTakenOver = session.checkpoint !== null
  const commits = committer(session, fold, restoring, options, (event) => {
    isTakenOver = false
    tell(event)
  })
  const ticker = ticks === null ? null : tickWriter(processor.ticks, session, ticks, clock)
  let isRestored = false
  const tellWhenRestored = (): void => {
    if (isRestored || restoring.isUnderWay()) return
    isRestored = true
    tell({ kind: 'restored', sources: fold.sources(), tookMs: clock.nowMs() - startMs })
  }
  const worked = (): void => {
    reached('folded')
    if (isTakenOver) reached('restoring')
    tellWhenRestored()
  }
  const waiting = waitingFor(fold, commits, tell, signal)
  const work: Work = { fold, commits, slices: slices(clock), waiting, worked, signal }
  // The first commit tells others that this owner is at work; and a fold that keeps its position elsewhere may be ahead of the log.
  if (fold.persist !== undefined || isTakenOver) commits.changed()
  tell({ kind: 'acquired', sources: fold.sources(), through: restoring.through })
  tellWhenRestored()
  while (!signal.aborted) {
    const wants = fold.sources().filter((source) => !source.held)
    const waits = [pollWaitMs, commits.dueInMs(), ticker?.dueInMs(wants) ?? pollWaitMs]
    const arrived = await session.poll(wants, { maxWaitMs: Math.max(0, Math.min(...waits)) })
    if (arrived.length > 0) reached('fetched')
    ticker?.polled(wants, arrived)
    await ticker?.write(signal)
    for (const batches of arrived.length > 0 ? arrived : wants.map(nothingNew))
      await workOff(batches, work)
    tell({ kind: 'polled', sources: fold.sources(), arrived })
    if (commits.dueInMs() <= 0) await commits.commit()
  }
  await commits.commit()
}

type Work = {
  readonly fold: TaskFold
  readonly commits: Committer
  readonly slices: Slices
  readonly waiting: Waiting
  /** Told after every look at what was fed. */
  readonly worked: () => void
  readonly signal: AbortSignal
}

/** Feeds batches to the fold and lets it work in slices, committing on the way when a commit falls due. */
const workOff = async (
  batches: RecordBatches,
  { fold, commits, slices, waiting, worked, signal }: Work,
): Promise<void> => {
  // A task that is to be given up ends at the next record boundary; the rest is its successor's.
  const stopHere = (): boolean => signal.aborted && fold.atRecordBoundary()
  if (stopHere()) return
  const moves = batches.nextOffset > batches.fromOffset
  fold.feed(batches)
  for (let more = true; more && !stopHere();) {
    more = fold.work(unitsPerLook, commits.emit)
    // After every look: a commit in the middle of the batches does not cover those that follow.
    if (moves) {
      commits.changed()
      worked()
    }
    // What is worked off is committed with what else has arrived: one commit for ticks of three sources, not two.
    if (more && commits.dueInMs() <= 0 && fold.atRecordBoundary()) await commits.commit()
    await waiting.end()
    await slices.turn()
  }
}

/** Tells a fold that it has read this source to its end, which it cannot see from silence. */
const nothingNew = ({ topic, partition, position }: SourcePosition): RecordBatches => ({
  topic,
  partition,
  bytes: new Uint8Array(0),
  fromOffset: position,
  nextOffset: position,
  endOffset: position,
})
