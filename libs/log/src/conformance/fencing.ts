import { expect } from '@jest/globals'
import type { Offset } from '@tidemark/model'
import { FencedError } from '../errors.ts'
import type { TaskCommit } from '../log.ts'
import { aborted, journal } from './journal.ts'
import type { LogFeatures } from './log-under-test.ts'
import { commitOf, joinAs, oneTask } from './member.ts'
import { bytesOf, readAll, textOf } from './records.ts'
import { itIf, type World } from './world.ts'

const commitBy = (owner: string): TaskCommit =>
  commitOf({
    outputs: [{ topic: 'alerts', partition: 0, key: null, value: bytesOf(owner) }],
    checkpoint: new Map([['owner', bytesOf(owner)]]),
  })

export const describeFencing = (world: World, features: LogFeatures): void => {
  itIf(features.fencedCommit, 'an owner that does not know it adds nothing', async () => {
    const { log, usurp } = await world.provisioned()
    const steps = journal<string>()
    const old = joinAs(log, oneTask, async ({ epoch, commit, poll, append }, signal) => {
      if (steps.events().includes('taken over')) {
        await aborted(signal)
        return
      }
      await commit(commitBy('old'))
      steps.note(`old has epoch ${epoch}`)
      // At work, and deaf to its signal, until the other one has committed.
      await steps.until((events) => events.includes('taken over'))
      await expect(commit(commitBy('old, fenced'))).rejects.toThrow(FencedError)
      const entry = { key: null, value: bytesOf('tick') }
      await expect(append('requests', 0, entry)).rejects.toThrow(FencedError)
      const wants = [{ topic: 'requests', partition: 0, position: 0 as Offset }] as const
      if (!signal.aborted) await expect(poll(wants, { maxWaitMs: 0 })).rejects.toThrow(FencedError)
      steps.note('refused')
      await aborted(signal)
      steps.note('told')
      throw new FencedError('as its last commit said')
    })
    await steps.until((events) => events.length === 1)
    const next = joinAs(await usurp!(), oneTask, async ({ epoch, checkpoint, commit }, signal) => {
      expect(textOf(checkpoint!.get('owner')!)).toBe('old')
      expect(`old has epoch ${epoch}`).not.toBe(steps.events()[0])
      await commit(commitBy('next'))
      steps.note('taken over')
      await aborted(signal)
    })
    await steps.until((events) => events.includes('told'))
    await next.stop()
    await old.stop()
    expect((await readAll(log, 'alerts', 0)).map(({ value }) => value)).toEqual(['old', 'next'])
    expect(await readAll(log, 'requests', 0)).toEqual([])
    const [state] = await log.checkpoints(oneTask.processor, 1)
    expect(textOf(state!.checkpoint!.get('owner')!)).toBe('next')
  })
}
