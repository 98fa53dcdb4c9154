import { expect, it } from '@jest/globals'
import type { TaskSession } from '@tidemark/log'
import { inputTopics, type Offset, type RecordBatches, type TopicName } from '@tidemark/model'
import type { EngineClock } from './options.ts'
import { tickWriter } from './tick-writer.ts'

const intervalMs = 1000
const signal = new AbortController().signal

/** A writer under a clock that the test moves, and the topics it ticked. */
const world = () => {
  let nowMs = 0
  const ticked: TopicName[] = []
  const clock: EngineClock = {
    nowMs: () => nowMs,
    breathe: () => Promise.resolve(),
    sleep: () => Promise.resolve(),
  }
  const append: TaskSession['append'] = (topic, _partition, entry) => {
    expect(entry).toEqual({ key: null, value: new Uint8Array([7]) })
    ticked.push(topic)
    return Promise.resolve()
  }
  const session = { append } as Partial<TaskSession> as TaskSession
  const writer = tickWriter(inputTopics, session, { value: new Uint8Array([7]), intervalMs }, clock)
  return {
    /** One turn of the loop, `ms` after the last one: what is read, and which of it has something. */
    turn: async (ms: number, read: readonly TopicName[], come: readonly TopicName[]) => {
      nowMs += ms
      writer.polled(read.map(source), come.map(batches))
      await writer.write(signal)
      return ticked.splice(0)
    },
    dueInMs: () => writer.dueInMs(inputTopics.map(source)),
  }
}

const source = (topic: TopicName) => ({
  ...{ topic, partition: 3, position: 0 as Offset, from: 0 as Offset, held: false },
})
const batches = (topic: TopicName): RecordBatches => ({
  ...{ topic, partition: 3, bytes: new Uint8Array(1) },
  ...{ fromOffset: 0 as Offset, nextOffset: 1 as Offset, endOffset: 1 as Offset },
})

it('ticks each partition that was quiet for the interval, and not before', async () => {
  const { turn, dueInMs } = world()
  expect(await turn(999, inputTopics, [])).toEqual([])
  expect(dueInMs()).toBe(1)
  expect(await turn(1, inputTopics, [])).toEqual(inputTopics)
})

it('ticks a quiet partition while others are busy', async () => {
  const { turn } = world()
  for (let i = 0; i < 9; i++) expect(await turn(100, inputTopics, ['requests'])).toEqual([])
  expect(await turn(100, inputTopics, ['requests'])).toEqual(['health-checks', 'facts'])
})

it('has at most one tick under way', async () => {
  const { turn, dueInMs } = world()
  expect(await turn(1000, inputTopics, [])).toEqual(inputTopics)
  expect(await turn(5000, inputTopics, [])).toEqual([])
  expect(dueInMs()).toBe(Number.POSITIVE_INFINITY)
  expect(await turn(1, inputTopics, inputTopics)).toEqual([])
  expect(await turn(1000, inputTopics, [])).toEqual(inputTopics)
})

it('does not tick a partition that is held back, nor at once when it is read again', async () => {
  const { turn } = world()
  const others = ['health-checks', 'facts'] as const
  expect(await turn(5000, others, [])).toEqual(others)
  expect(await turn(100, inputTopics, [])).toEqual([])
  expect(await turn(899, inputTopics, [])).toEqual([])
  expect(await turn(1, inputTopics, [])).toEqual(['requests'])
})

it('writes ticks that are due together without waiting for one another', async () => {
  const begun: TopicName[] = []
  const written = Promise.withResolvers<undefined>()
  const append: TaskSession['append'] = async (topic) => {
    begun.push(topic)
    await written.promise
  }
  const session = { append } as Partial<TaskSession> as TaskSession
  let nowMs = 0
  const clock = { nowMs: () => nowMs, breathe: async () => undefined, sleep: async () => undefined }
  const writer = tickWriter(inputTopics, session, { value: new Uint8Array([7]), intervalMs }, clock)
  nowMs = intervalMs
  writer.polled(inputTopics.map(source), [])
  const writing = writer.write(signal)
  expect(begun).toEqual(inputTopics)
  written.resolve(undefined)
  await writing
})
