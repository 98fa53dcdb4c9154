import { onThreads } from '../threads.ts'
import type { Verdict } from './verdict.ts'

export type SeedOrder = { readonly seed: number; readonly twice: boolean }

/** Judges seeds on several threads; which thread has which seed does not matter to any verdict. */
export const judgeMany = async (
  seeds: readonly SeedOrder[],
  threads: number,
  told: (verdict: Verdict) => void,
): Promise<readonly Verdict[]> => {
  const program = new URL('./worker.ts', import.meta.url)
  const verdicts = await onThreads<Verdict>(program, seeds, threads, told)
  return verdicts.toSorted((a, b) => a.seed - b.seed)
}
