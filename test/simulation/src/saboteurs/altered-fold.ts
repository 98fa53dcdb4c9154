import { encodeOutput, recordReader } from '@tidemark/codec'
import type {
  FactApplied,
  Output,
  Processor,
  ProcessorName,
  RecordBatches,
  TaskFold,
} from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'

/** Where a bug gets in between a fold and the engine. */
export type Alteration = {
  /** Takes an output of the fold and emits what the bug makes of it. */
  readonly output?: (output: Output, emit: (output: Output) => void) => void
  readonly fed?: (batches: RecordBatches) => RecordBatches
}

/** The processor of that name with a bug in every fold; each life of a task has its own. Others are left alone. */
export const altered = (
  processor: Processor,
  name: ProcessorName,
  alteration: (isRestored: boolean) => Alteration,
): Processor =>
  processor.name === name
    ? {
        ...processor,
        open: async (task, checkpoint) =>
          alteredFold(await processor.open(task, checkpoint), alteration(checkpoint !== null)),
      }
    : processor

const alteredFold = (fold: TaskFold, { output, fed }: Alteration): TaskFold => ({
  ...fold,
  feed: (batches) => fold.feed(fed === undefined ? batches : fed(batches)),
  work: (units, emit) =>
    fold.work(units, output === undefined ? emit : (each) => output(each, emit)),
})

/** Batches with other facts in them; each record a batch of its own, at its own offset. */
export const withFacts = (
  batches: RecordBatches,
  change: (applied: FactApplied) => FactApplied,
): RecordBatches => {
  const reader = recordReader()
  reader.open(batches)
  const records: Uint8Array[] = []
  for (let record = reader.next(); record !== null; record = reader.next()) {
    const { offset, timestampMs, decoded } = record
    const event = decoded.ok ? decoded.event : null
    const { key, value } = event?.type === 'FactApplied' ? encodeOutput(change(event)) : record
    records.push(writeRecordBatch([{ key, value, timestampMs }], offset))
  }
  return { ...batches, bytes: Buffer.concat(records) }
}
