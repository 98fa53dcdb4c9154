import { encodeOutput, type EncodedOutput } from '@tidemark/codec'
import {
  type Offset,
  type Output,
  type Processor,
  type RecordBatches,
  type SourcePosition,
  type TaskFold,
} from '@tidemark/model'
import { writeRecordBatch } from '@tidemark/wire'
import type { Evidence, LoggedRecord, ObservedCommit } from './evidence.ts'

/** What a task says when it goes on from a commit's checkpoint, with all that the run's topics hold for it. */
export const resumedFrom = async (
  { inputs, derived }: Evidence,
  processor: Processor,
  { task, checkpoint }: ObservedCommit,
): Promise<readonly EncodedOutput[]> => {
  const fold = await processor.open(task, checkpoint)
  const records = Map.groupBy(
    [...inputs, ...derived].filter(({ topic }) => processor.topics.includes(topic)),
    ({ topic, partition }) => `${topic}/${partition}`,
  )
  const recordsOf = ({ topic, partition }: SourcePosition): readonly LoggedRecord[] =>
    records.get(`${topic}/${partition}`) ?? []
  const said: EncodedOutput[] = []
  const emit = ({ event }: Output): void => void said.push(encodeOutput(event))
  const workOff = (source: SourcePosition): void => {
    fold.feed(nextRun(source, recordsOf(source)))
    while (fold.work(workUnits, emit));
  }
  const next = (): SourcePosition | undefined =>
    wanted(fold).find((source) => (recordsOf(source).at(-1)?.offset ?? -1) >= source.position)
  for (;;) {
    const source = next()
    if (source !== undefined) workOff(source)
    else {
      // Told of the ends, a source that was held back may be let go.
      for (const ended of wanted(fold)) workOff(ended)
      if (next() === undefined) return said
    }
  }
}

const workUnits = 512

const wanted = (fold: TaskFold): readonly SourcePosition[] =>
  fold.sources().filter(({ held }) => !held)

/** The records from a position up to the next hole in the offsets, which control records leave. */
const nextRun = (
  { topic, partition, position }: SourcePosition,
  records: readonly LoggedRecord[],
): RecordBatches => {
  const first = records.findIndex(({ offset }) => offset >= position)
  const run = first < 0 ? [] : records.slice(first, first + runLength(records, first))
  const endOffset = Math.max(position, (records.at(-1)?.offset ?? -1) + 1) as Offset
  return {
    ...{ topic, partition, fromOffset: position },
    bytes: run[0] === undefined ? new Uint8Array(0) : writeRecordBatch(run, run[0].offset),
    nextOffset: (records[first + run.length]?.offset ?? endOffset) as Offset,
    endOffset,
  }
}

const runLength = (records: readonly LoggedRecord[], first: number): number => {
  let length = 1
  while (records[first + length]?.offset === records[first]!.offset + length) length++
  return length
}
