import { describe, expect, it } from '@jest/globals'
import { UnavailableError, type Log } from '@tidemark/log'
import type { Processor } from '@tidemark/model'
import type { EngineEvent } from './options.ts'
import { runProcessor } from './run-processor.ts'
import { engineWorld } from './testing/engine-world.ts'

const broken: Processor = {
  name: 'aggregator',
  topics: ['requests'],
  tasks: 2,
  ticks: [],
  open: () => {
    throw new UnavailableError('no state')
  },
}

/** A log that gives this member every task, sees it fail, and then says whose the tasks are. */
const tellingsOf = async (...settled: readonly (readonly number[] | null)[]) => {
  const told: Pick<EngineEvent, 'kind' | 'task'>[] = []
  const { session, options } = engineWorld()
  const log: Pick<Log, 'host'> = {
    host: async ({ assigned }, run, signal) => {
      assigned?.([0, 1])
      for (const task of [0, 1]) await run({ ...session, task }, signal).catch(() => undefined)
      for (const tasks of settled) assigned?.(tasks)
    },
  }
  const observe = ({ kind, task }: EngineEvent): void => void told.push({ kind, task })
  const { signal } = new AbortController()
  await runProcessor(log as Log, broken, { ...options, observe }, signal)
  return told
}

describe('a task that failed', () => {
  const failures = [
    { kind: 'opening', task: 0 },
    { kind: 'failed', task: 0 },
    { kind: 'opening', task: 1 },
    { kind: 'failed', task: 1 },
  ]

  it('is told of once more when it has fallen to another member', async () => {
    expect(await tellingsOf([0], [0])).toEqual([...failures, { kind: 'moved', task: 1 }])
  })

  it('is this member’s as long as nothing else is settled', async () => {
    expect(await tellingsOf([0, 1], null)).toEqual(failures)
  })
})
