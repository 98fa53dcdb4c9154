import type { Output, Processor, ProcessorName, RecordBatches, TaskFold } from '@tidemark/model'

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
  alteration: () => Alteration,
): Processor =>
  processor.name === name
    ? {
        ...processor,
        open: async (task, checkpoint) =>
          alteredFold(await processor.open(task, checkpoint), alteration()),
      }
    : processor

const alteredFold = (fold: TaskFold, { output, fed }: Alteration): TaskFold => ({
  ...fold,
  feed: (batches) => fold.feed(fed === undefined ? batches : fed(batches)),
  work: (units, emit) =>
    fold.work(units, output === undefined ? emit : (each) => output(each, emit)),
})
