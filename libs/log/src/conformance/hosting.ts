import { expect, it } from '@jest/globals'
import { FencedError } from '../errors.ts'
import { aborted, journal } from './journal.ts'
import { commitOf, joinAs, oneTask, withSession } from './member.ts'
import { bytesOf, textOf } from './records.ts'
import { partitions, type World } from './world.ts'

const spec = { processor: 'aggregator', topics: ['requests'], tasks: partitions } as const
const allTasks = Array.from({ length: partitions }, (_, task) => task)

class FatalError extends Error {
  readonly retriable = false
}

export const describeHosting = (world: World): void => {
  it('runs every task, each once, until it is stopped', async () => {
    const { log } = await world.provisioned()
    const started = journal<number>()
    const returned: number[] = []
    const member = joinAs(log, spec, async (session, signal) => {
      expect(session).toMatchObject({ processor: spec.processor, checkpoint: null })
      started.note(session.task)
      await aborted(signal)
      returned.push(session.task)
    })
    await started.until((tasks) => tasks.length >= partitions)
    await member.stop()
    expect(started.events().toSorted((a, b) => a - b)).toEqual(allTasks)
    expect(returned.toSorted((a, b) => a - b)).toEqual(allTasks)
  })

  it('returns at once when it is stopped before it began', async () => {
    const { log } = await world.provisioned()
    const runs: number[] = []
    await log.host(spec, async ({ task }) => void runs.push(task), AbortSignal.abort())
    expect(runs).toEqual([])
  })

  it('keeps processors apart', async () => {
    const { log } = await world.provisioned()
    await withSession(log, oneTask, async (session) => {
      await session.commit(commitOf({ checkpoint: new Map([['state', bytesOf('aggregator')]]) }))
      const other = { ...oneTask, processor: 'evaluator' }
      await withSession(log, other, async ({ checkpoint }) => expect(checkpoint).toBeNull())
    })
  })

  it('acquires a task again, as last committed and in a later epoch, after an error that may pass', async () => {
    const { log } = await world.provisioned()
    const runs = journal<{ epoch: number; state: string | null }>()
    const member = joinAs(log, oneTask, async ({ epoch, checkpoint, commit }, signal) => {
      const state = checkpoint?.get('state')
      runs.note({ epoch, state: state === undefined ? null : textOf(state) })
      const count = runs.events().length
      if (count < 3) {
        await commit(commitOf({ checkpoint: new Map([['state', bytesOf(`run ${count}`)]]) }))
        throw new FencedError('as if somebody else had taken it')
      }
      await aborted(signal)
    })
    await runs.until((events) => events.length === 3)
    await member.stop()
    expect(runs.events().map(({ state }) => state)).toEqual([null, 'run 1', 'run 2'])
    const epochs = runs.events().map(({ epoch }) => epoch)
    expect(new Set(epochs).size).toBe(3)
    expect(epochs.toSorted((a, b) => a - b)).toEqual(epochs)
  })

  it('does not run a task again whose run returned by itself, while another is acquired again', async () => {
    const { log } = await world.provisioned()
    const runs = journal<number>()
    const member = joinAs(log, { ...spec, tasks: 2 }, async ({ task }, signal) => {
      runs.note(task)
      if (task === 0) return
      // Every error makes the member look at its tasks again, and so gives it an occasion to run the other one.
      await runs.until((tasks) => tasks.includes(0))
      const again = runs.events().filter((other) => other === task).length
      if (again < 4) throw new FencedError('as if somebody else had taken it')
      await aborted(signal)
    })
    await runs.until((tasks) => tasks.filter((task) => task === 1).length === 4)
    await member.stop()
    expect(runs.events().filter((task) => task === 0)).toEqual([0])
  })

  it('ends with an error that will not pass, after the other tasks have returned', async () => {
    const { log } = await world.provisioned()
    const started = journal<number>()
    const returned: number[] = []
    const member = joinAs(log, spec, async ({ task }, signal) => {
      started.note(task)
      await started.until((tasks) => tasks.length === partitions)
      if (task === 1) throw new FatalError('of task 1')
      await aborted(signal)
      returned.push(task)
    })
    await expect(member.ended).rejects.toThrow(new FatalError('of task 1'))
    expect(returned.toSorted((a, b) => a - b)).toEqual([0, 2])
  })

  it('lets a task be taken up again after such an error', async () => {
    const { log } = await world.provisioned()
    const failing = withSession(log, oneTask, async ({ commit }) => {
      await commit(commitOf({ checkpoint: new Map([['state', bytesOf('before')]]) }))
      throw new FatalError('of a bug')
    })
    await expect(failing).rejects.toThrow('of a bug')
    await withSession(log, oneTask, async ({ checkpoint }) => {
      expect(textOf(checkpoint!.get('state')!)).toBe('before')
    })
  })
}
