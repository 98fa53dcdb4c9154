import { runInMemory, type InMemoryTopics } from '@tidemark/assembly'
import { catalogOf } from '@tidemark/evaluation'
import type { Processor } from '@tidemark/model'
import { configurationsOf } from '../oracle/configurations.ts'
import { oracleOf, type Oracle } from '../oracle/oracle.ts'
import { processorsOf } from '../processors.ts'
import { derivedEventsOf, type DerivedEvents } from './derived-events.ts'
import { placeOf } from './violation.ts'
import type { Evidence, LoggedRecord } from './evidence.ts'

/** The evidence, and its derived records decoded. */
export type ReadRun = { readonly evidence: Evidence; readonly events: DerivedEvents }

/** What should have come of it, too; each made once for all checks. */
export type JudgedRun = ReadRun & {
  readonly oracle: Oracle
  /** The same inputs worked off in memory, without faults, batches or restarts. */
  readonly undisturbed: InMemoryTopics
  readonly processors: readonly Processor[]
}

export const judgedRunOf = async (evidence: Evidence): Promise<JudgedRun> => {
  const { layout, inputs, catalog } = evidence
  requireWhole(inputs)
  const processors = await processorsOf(
    layout,
    catalogOf([...configurationsOf(layout, catalog).byId.values()]),
  )
  return {
    evidence,
    processors,
    events: derivedEventsOf(evidence),
    oracle: oracleOf(layout, inputs, catalog),
    undisturbed: await runInMemory({ layout, processors, inputs: inputs.map(inMemoryEntry) }),
  }
}

/** As `runInMemory` takes it; it numbers the records of each partition as it gets them. */
export const inMemoryEntry = ({ topic, partition, timestampMs, key, value }: LoggedRecord) => ({
  ...{ topic, partition, entry: { timestampMs, key, value } },
})

/** Without the first records of a partition nobody can say what should have come of the others. */
const requireWhole = (inputs: readonly LoggedRecord[]): void => {
  const ends = new Map<string, number>()
  for (const record of inputs) {
    const partition = `${record.topic}/${record.partition}`
    const next = ends.get(partition) ?? 0
    if (record.offset !== next)
      throw new Error(`evidence: ${placeOf(record)}, the record at ${next} is missing`)
    ends.set(partition, next + 1)
  }
}
