import { derivedTopics, type ProcessorName } from '@tidemark/model'
import type { ReadRecord } from './derived-events.ts'
import type { ObservedCommit } from './evidence.ts'
import type { JudgedRun } from './judged-run.ts'
import { resumedFrom } from './resuming.ts'
import { streamOf } from './streams.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/** Checkpoints of each processor that are tried. */
const triesMax = 2

/**
 * I5: a task that is restored from a checkpoint and goes on says what the run said after that checkpoint's commit, no more and no less.
 * Tried are the checkpoints from which another owner did go on, the last ones of each processor.
 */
export const checkRestores = async (run: JudgedRun): Promise<readonly Violation[]> => {
  const { commits, delivery } = run.evidence
  if (commits === null || delivery !== 'exactly-once') return []
  const wrong: string[] = []
  for (const { processor, index } of takenOver(commits))
    wrong.push(...(await differencesAfter(run, processor, commits[index]!, index)))
  return violations('I5', wrong)
}

const takenOver = (
  commits: readonly ObservedCommit[],
): readonly { readonly processor: ProcessorName; readonly index: number }[] => {
  const found: { readonly processor: ProcessorName; readonly index: number }[] = []
  for (const [index, { processor, task, epoch }] of commits.entries()) {
    const next = commits
      .slice(index + 1)
      .find((later) => later.processor === processor && later.task === task)
    if (next !== undefined && next.epoch !== epoch) found.push({ processor, index })
  }
  return [...Map.groupBy(found, ({ processor }) => processor).values()].flatMap((each) =>
    each.slice(-triesMax),
  )
}

const differencesAfter = async (
  run: JudgedRun,
  name: ProcessorName,
  commit: ObservedCommit,
  index: number,
): Promise<readonly string[]> => {
  const processor = run.processors.find((each) => each.name === name)
  // The sink's state is in its store.
  if (processor === undefined) return []
  const resumed = await resumedFrom(run.evidence, processor, commit)
  const { commits } = run.evidence
  const later = run.events.read.filter(({ record }) => {
    const by = record.commit === null || record.commit <= index ? null : commits![record.commit]!
    return by !== null && by.processor === name && by.task === commit.task
  })
  const where = `${name} ${commit.task}, restored from commit ${index} of ${commit.owner}`
  return derivedTopics.flatMap((topic) => {
    const said = resumed.filter((output) => output.topic === topic)
    const byStream = Map.groupBy(
      later.filter(({ record }) => record.topic === topic),
      ({ event }) => streamOf(event),
    )
    return differenceOf(
      said.map(({ value }) => Buffer.from(value)),
      byStream,
    ).map((what) => `${where}: ${topic}: ${what}`)
  })
}

/** Records that were said in another way or order within a stream; how the streams mix is free. */
const differenceOf = (
  said: readonly Buffer[],
  byStream: ReadonlyMap<string, readonly ReadRecord[]>,
): readonly string[] => {
  const left = new Map(
    [...byStream].map(([name, records]) => [name, records.map(({ record }) => record)]),
  )
  for (const [i, value] of said.entries()) {
    const stream = [...left].find(([, records]) => {
      const next = records[0]
      return next !== undefined && value.equals(next.value!)
    })
    if (stream === undefined) return [`says record ${i} of ${said.length} that nobody said there`]
    stream[1].shift()
  }
  const missing = [...left].find(([, records]) => records.length > 0)
  return missing === undefined
    ? []
    : [`does not say ${placeOf(missing[1][0]!)} and ${missing[1].length - 1} more`]
}
