import type { Outgoing, TaskCommit, TaskSession, Want } from '@tidemark/log'
import type { Checkpoint, Offset, Processor, RecordBatches, TopicName } from '@tidemark/model'
import type { EngineClock, EngineOptions } from '../options.ts'

/**
 * One task's partitions, its clock and what it commits, in virtual time: a poll that finds nothing moves the clock on by what it waits,
 * work by what a test says. A record is one byte, the number of outputs that it leads to.
 */
export type EngineWorld = {
  readonly session: TaskSession
  readonly clock: EngineClock
  readonly options: EngineOptions
  readonly commits: readonly (TaskCommit & { readonly atMs: number })[]
  readonly ticks: readonly { readonly topic: TopicName; readonly atMs: number }[]
  /** Virtual times of the breaths that the engine took. */
  readonly breaths: readonly number[]
  readonly append: (topic: TopicName, ...records: readonly number[]) => void
  readonly at: (ms: number, action: () => void) => void
  readonly pass: (ms: number) => void
  readonly failCommits: (error: Error) => void
}

export const tickRecord = 0

export const engineWorld = (
  options: Partial<EngineOptions> = {},
  checkpoint: Checkpoint | null = null,
  positions: readonly Want[] = [],
): EngineWorld => {
  let nowMs = 0
  let failure: Error | null = null
  const partitions = new Map<TopicName, number[]>()
  const due: { readonly ms: number; readonly action: () => void }[] = []
  const commits: (TaskCommit & { readonly atMs: number })[] = []
  const ticks: { readonly topic: TopicName; readonly atMs: number }[] = []
  const breaths: number[] = []
  const recordsOf = (topic: TopicName): number[] => {
    const known = partitions.get(topic) ?? []
    partitions.set(topic, known)
    return known
  }
  const pass = (ms: number): void => {
    const endMs = nowMs + ms
    for (let next = due[0]; next !== undefined && next.ms <= endMs; next = due[0]) {
      due.shift()
      nowMs = Math.max(nowMs, next.ms)
      next.action()
    }
    nowMs = Math.max(nowMs, endMs)
  }
  const batchesOf = (topic: TopicName, position: number): RecordBatches => {
    const records = recordsOf(topic)
    return {
      topic,
      partition: task,
      bytes: Uint8Array.from(records.slice(position)),
      fromOffset: position as Offset,
      nextOffset: records.length as Offset,
      endOffset: records.length as Offset,
    }
  }
  const clock: EngineClock = {
    nowMs: () => nowMs,
    breathe: () => {
      breaths.push(nowMs)
      return Promise.resolve()
    },
    sleep: (ms) => {
      pass(ms)
      return Promise.resolve()
    },
  }
  const session: TaskSession = {
    processor: 'test',
    task,
    epoch: 1,
    checkpoint,
    positions,
    poll: (wants, { maxWaitMs }) => {
      const found = () =>
        wants
          .map(({ topic, position }) => batchesOf(topic, position))
          .filter(({ fromOffset, nextOffset }) => nextOffset > fromOffset)
      const endMs = nowMs + maxWaitMs
      while (found().length === 0 && nowMs < endMs)
        pass(Math.min(due[0]?.ms ?? endMs, endMs) - nowMs)
      return Promise.resolve(found())
    },
    append: (topic) => {
      ticks.push({ topic, atMs: nowMs })
      return Promise.resolve()
    },
    commit: (commit) => {
      if (failure !== null) return Promise.reject(failure)
      commits.push({ ...commit, atMs: nowMs })
      return Promise.resolve()
    },
  }
  return {
    session,
    clock,
    options: {
      encode: (event) => ({ key: null, value: new TextEncoder().encode(JSON.stringify(event)) }),
      partitions: 4,
      clock,
      ticks: null,
      commitIntervalMs: 200,
      ...options,
    },
    commits,
    ticks,
    breaths,
    append: (topic, ...records) => {
      recordsOf(topic).push(...records)
    },
    at: (ms, action) => {
      due.push({ ms, action })
      due.sort((a, b) => a.ms - b.ms)
    },
    pass,
    failCommits: (error) => {
      failure = error
    },
  }
}

/** Not 0, so that topics with a single partition differ from the rest. */
const task = 3

export type FoldSettings = {
  readonly topics: readonly TopicName[]
  readonly ticks?: readonly TopicName[]
  /** Called before every slice of work. */
  readonly onWork?: () => void
  readonly held?: (topic: TopicName) => boolean
  readonly onFeed?: (batches: RecordBatches) => void
  readonly output?: 'aggregates' | 'fleet'
  readonly persist?: () => Promise<void>
}

/** Emits as many outputs for a record as its byte says, a hundred times over, each with its record's offset and its own index. */
export const countingProcessor = (settings: FoldSettings): Processor => ({
  name: 'test',
  topics: settings.topics,
  tasks: 4,
  ticks: settings.ticks ?? [],
  open: () => {
    const { topics, onWork, onFeed, held = () => false, output = 'aggregates', persist } = settings
    const positions = new Map(topics.map((topic) => [topic, 0]))
    let fed: RecordBatches | null = null
    let at = 0
    let index = 0
    return {
      sources: () =>
        topics.map((topic) => ({
          topic,
          partition: task,
          position: positions.get(topic)! as Offset,
          from: positions.get(topic)! as Offset,
          held: held(topic),
        })),
      feed: (batches) => {
        onFeed?.(batches)
        fed = batches
        at = 0
      },
      work: (units, emit) => {
        onWork?.()
        const { topic, bytes, fromOffset } = fed!
        // A long record takes several slices; after a short one a slice may be over as well.
        for (let left = units; at < bytes.length; at++, index = 0) {
          const rows = bytes[at]! * outputsPerCount
          for (const endIndex = index + units; index < rows; index++, left--) {
            if (index === endIndex) return true
            const cause = { topic, offset: fromOffset + at, index }
            emit({ topic: output, event: { cause } as never })
          }
          positions.set(topic, fromOffset + at + 1)
          if (left <= 0) {
            at++
            index = 0
            return at < bytes.length
          }
        }
        return false
      },
      atRecordBoundary: () => index === 0,
      checkpoint: () => new Map([['positions', Uint8Array.from(positions.values())]]),
      ...(persist !== undefined && { persist }),
    }
  },
})

export const outputsPerCount = 100

/** Offsets of the records that outputs come from, one for each whole record; throws where part of one is missing. */
export const wholeRecords = (
  outputs: readonly Outgoing[],
  count: (offset: number) => number,
): number[] => {
  const causes = outputs.map(
    ({ value }) =>
      (JSON.parse(new TextDecoder().decode(value)) as { cause: { offset: number; index: number } })
        .cause,
  )
  const offsets = [...new Set(causes.map(({ offset }) => offset))]
  for (const offset of offsets) {
    const indexes = causes.filter((cause) => cause.offset === offset).map(({ index }) => index)
    const wanted = Array.from({ length: count(offset) * outputsPerCount }, (_, i) => i)
    if (indexes.join() !== wanted.join())
      throw new Error(`record ${offset}: ${indexes.length} of ${wanted.length} outputs`)
  }
  return offsets
}
