import { Worker } from 'node:worker_threads'
import type { Verdict } from './verdict.ts'

export type SeedOrder = { readonly seed: number; readonly twice: boolean }

/** Judges seeds on several threads; which thread has which seed does not matter to any verdict. */
export const judgeMany = async (
  seeds: readonly SeedOrder[],
  threads: number,
  told: (verdict: Verdict) => void,
): Promise<readonly Verdict[]> => {
  const verdicts: Verdict[] = []
  let next = 0
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url))
      const ask = (): void => {
        if (next < seeds.length) worker.postMessage(seeds[next++])
        else void worker.terminate().then(() => resolve())
      }
      worker.on('message', (verdict: Verdict) => {
        verdicts.push(verdict)
        told(verdict)
        ask()
      })
      worker.on('error', reject)
      ask()
    })
  await Promise.all(Array.from({ length: Math.min(threads, seeds.length) }, work))
  return verdicts.sort((a, b) => a.seed - b.seed)
}
