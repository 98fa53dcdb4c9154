import { derivedReader, runInMemory } from '@tidemark/assembly'
import type { Fact, Layout, PlatformReported, Processor } from '@tidemark/model'
import type { Traffic } from '@tidemark/traffic'
import { virtualEntries } from './virtual-entries.ts'

export type ReportOptions = {
  readonly layout: Layout
  /** Those that lead from inputs to platform reports, upstream first. */
  readonly processors: readonly Processor[]
  /** Said meanwhile. A configuration that they put in force is in the catalog that the evaluator was given. */
  readonly facts?: readonly Fact[]
}

/** The last platform report that traffic with an end leads to, by the real processors in virtual time; null: it leads to none. */
export const simulatedReport = async (
  traffic: Traffic,
  { layout, processors, facts = [] }: ReportOptions,
): Promise<PlatformReported | null> => {
  const inputs = virtualEntries(traffic, layout, facts)
  const topics = await runInMemory({ layout, processors, inputs })
  const count = topics.records('platform-reports', 0).length
  if (count === 0) return null
  const reader = derivedReader()
  reader.open(topics.read('platform-reports', 0, count - 1, 1))
  const event = reader.next()?.event
  return event?.type === 'PlatformReported' ? event : null
}
