import {
  evaluatorState,
  lookFor,
  savedStates,
  type EvaluatorOptions,
  type EvaluatorState,
  type SavedState,
} from '@tidemark/evaluation'
import type { Log } from '@tidemark/log'
import type { Checkpoint, InputTopic } from '@tidemark/model'
import { sourceStart, type SourceStart } from './source-start.ts'
import type { InputPartition } from './stream-time.ts'

/** A state of the evaluator, and where the inputs must be read from so that what it is given next is exact. */
export type JudgementStart = {
  readonly state: EvaluatorState
  /** End of the last window that it has judged; null: none. */
  readonly throughUs: number | null
  readonly sources: ReadonlyMap<InputTopic, SourceStart>
}

/**
 * The last state before the range whose inputs are retained, or else the first one in it; the beginning of a log that is retained as a
 * whole is one as well. Null where there is none.
 */
export const judgementStart = async (
  log: Log,
  inputs: readonly InputPartition[],
  options: EvaluatorOptions,
  checkpoint: Checkpoint | null,
  fromUs: number | null,
  fromMs: number | null,
): Promise<JudgementStart | null> => {
  const saved = checkpoint === null ? [] : savedStates(options, checkpoint)
  const judged = saved.filter(({ throughUs }) => throughUs !== null)
  const before = judged.filter(({ throughUs }) => throughUs! <= (fromUs ?? -1)).reverse()
  const within = judged.filter(({ throughUs }) => throughUs! > (fromUs ?? -1))
  for (const each of before) {
    const start = await startAt(log, inputs, options, await restored(options, each), (clockMs) =>
      Math.min(clockMs, fromMs ?? clockMs),
    )
    if (start !== null) return start
  }
  const sources = new Map<InputTopic, SourceStart>()
  for (const input of inputs)
    sources.set(input.topic, await sourceStart(log, input, options.layout, null))
  if ([...sources.values()].every(({ exactFromUs }) => exactFromUs === null))
    return { state: evaluatorState(options), throughUs: null, sources }
  for (const each of within) {
    const start = await startAt(log, inputs, options, await restored(options, each), () => fromMs)
    if (start !== null) return start
  }
  return null
}

/** Null where the catalog no longer holds the configuration that was in force. */
const restored = async (
  options: EvaluatorOptions,
  { configurationId, restore }: SavedState,
): Promise<EvaluatorState | null> =>
  (await lookFor(options, configurationId)) === null ? restore() : null

/** Null where inputs that it needs are gone. `byMs`: when a source must be exact whose clock the state knows. */
const startAt = async (
  log: Log,
  inputs: readonly InputPartition[],
  { layout }: EvaluatorOptions,
  state: EvaluatorState | null,
  byMs: (clockMs: number) => number | null,
): Promise<JudgementStart | null> => {
  if (state === null) return null
  const sources = new Map<InputTopic, SourceStart>()
  for (const input of inputs) {
    const { clockMs } = state.sources[input.topic]
    if (clockMs === null) return null
    const start = await sourceStart(log, input, layout, byMs(clockMs))
    if ((start.exactFromUs ?? 0) > clockMs * 1000) return null
    sources.set(input.topic, start)
  }
  return { state, throughUs: state.previousEndUs, sources }
}
