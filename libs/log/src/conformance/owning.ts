import { expect, it } from '@jest/globals'
import type { Offset } from '@tidemark/model'
import type { TaskCommit } from '../log.ts'
import { aborted, journal } from './journal.ts'
import { commitOf, joinAs, oneTask, withSession } from './member.ts'
import { partitions, type World } from './world.ts'

const at = (position: number): TaskCommit['positions'][number] => ({
  topic: 'requests',
  partition: 0,
  position: position as Offset,
  from: 0 as Offset,
})

export const describeOwning = (world: World): void => {
  it('is known of every task that is at work, and of none before and after', async () => {
    const { log, open } = await world.provisioned()
    const spec = { ...oneTask, tasks: partitions }
    const other = await open()
    expect(await other.owners(spec.processor)).toEqual([])
    const started = journal<number>()
    const member = joinAs(log, spec, async ({ task }, signal) => {
      started.note(task)
      await aborted(signal)
    })
    await started.until((tasks) => tasks.length === partitions)
    const owners = await other.owners(spec.processor)
    expect(owners.map(({ task }) => task)).toEqual(Array.from({ length: partitions }, (_, i) => i))
    expect(new Set(owners.map(({ member: id }) => id)).size).toBe(1)
    for (const { host } of owners) expect(host).toMatch(/./)
    expect(await other.owners('evaluator')).toEqual([])
    await member.stop()
    expect(await other.owners(spec.processor)).toEqual([])
  })

  it('shows as a takeover until the owner has committed', async () => {
    const { log } = await world.provisioned()
    const state = async () => (await log.checkpoints(oneTask.processor, 1))[0]!
    expect(await state()).toMatchObject({ isTakenOver: false, committedAtMs: null })
    const startedMs = Date.now()
    await withSession(log, oneTask, async ({ commit }) => {
      expect(await state()).toMatchObject({ isTakenOver: true, committedAtMs: null })
      await commit(commitOf({ positions: [at(0)] }))
      expect(await state()).toMatchObject({ isTakenOver: false })
    })
    const { committedAtMs } = await state()
    expect(committedAtMs).toBeGreaterThanOrEqual(startedMs)
    expect(committedAtMs).toBeLessThanOrEqual(Date.now())
    await withSession(log, oneTask, async () => {
      expect(await state()).toMatchObject({ isTakenOver: true, committedAtMs })
    })
  })

  it('hands over the positions that were committed last', async () => {
    const { log } = await world.provisioned()
    await withSession(log, oneTask, async ({ positions, commit }) => {
      expect(positions).toEqual([])
      await commit(commitOf({ positions: [at(7)] }))
      await commit(commitOf({ positions: [at(9)] }))
    })
    await withSession(log, oneTask, async ({ positions }) => {
      expect(positions).toMatchObject([{ topic: 'requests', partition: 0, position: 9 }])
    })
  })
}
