import { ledgerOf } from '@tidemark/aggregation'
import type { Sighting } from '../fault-classes.ts'
import type { Acquisition } from '../run.ts'

/** What sessions began with, in their order: one sighting for each that it holds of. */
export const sightedAcquisitions = (acquisitions: readonly Acquisition[]): readonly Sighting[] => {
  const owners = new Map<string, string>()
  return acquisitions.flatMap(({ writer, checkpoint, positions }) => {
    const task = `${writer.processor}/${writer.task}`
    const before = owners.get(task)
    owners.set(task, writer.process)
    const isIn = (processor: string): boolean => writer.processor === processor
    const hasOpen = (): boolean =>
      checkpoint !== null && ledgerOf(checkpoint).some(({ open }) => open > 0)
    const parts = [...(checkpoint?.keys() ?? [])]
    const seen: readonly (readonly [Sighting, boolean])[] = [
      ['task-moved', before !== undefined && before !== writer.process],
      ['restored-in-mid-window', isIn('aggregator') && hasOpen()],
      [
        'restored-evaluator-judged-again',
        isIn('evaluator') && positions.some((at) => at.from < at.position),
      ],
      ['windows-saved-in-checkpoint', parts.some((part) => part.startsWith('windows/'))],
    ]
    return seen.filter(([, isSo]) => isSo).map(([sighting]) => sighting)
  })
}
