import { expect, it } from '@jest/globals'
import { sendBytesMax, type Offset } from '@tidemark/model'
import { EntryRefusedError } from '../errors.ts'
import type { Outgoing } from '../log.ts'
import type { LogFeatures } from './log-under-test.ts'
import { commitOf, oneTask, withSession } from './member.ts'
import { bytesOf, readAll, textOf, valuesIn } from './records.ts'
import { itIf, type World } from './world.ts'

const output = (
  topic: Outgoing['topic'],
  partition: number,
  key: string | null,
  value: string,
): Outgoing => ({
  topic,
  partition,
  key: key === null ? null : bytesOf(key),
  value: bytesOf(value),
})

/** Longer than any test: who waits so long was not woken. */
const longWaitMs = 3_600_000

export const describeCommitting = (world: World, features: LogFeatures): void => {
  it('puts outputs on their partitions, in their order', async () => {
    const { log, open } = await world.provisioned()
    await withSession(log, oneTask, async ({ commit }) => {
      for (const round of [0, 1])
        await commit(
          commitOf({
            outputs: [
              output('aggregates', 0, 'checkout', `a${round}`),
              output('aggregates', 2, null, `b${round}`),
              output('aggregates', 0, 'cart', `c${round}`),
              output('fleet', 0, null, `d${round}`),
            ],
          }),
        )
    })
    const reader = await open()
    const read = async (topic: Outgoing['topic'], partition: number) =>
      (await readAll(reader, topic, partition)).map(({ key, value }) => [key, value])
    expect(await read('aggregates', 0)).toEqual([
      ['checkout', 'a0'],
      ['cart', 'c0'],
      ['checkout', 'a1'],
      ['cart', 'c1'],
    ])
    expect(await read('aggregates', 1)).toEqual([])
    expect(await read('aggregates', 2)).toEqual([
      [null, 'b0'],
      [null, 'b1'],
    ])
    expect(await read('fleet', 0)).toEqual([
      [null, 'd0'],
      [null, 'd1'],
    ])
  })

  it('stamps outputs with times that do not go back', async () => {
    const { log } = await world.provisioned()
    await withSession(log, oneTask, async ({ commit }) => {
      for (let i = 0; i < 4; i++)
        await commit(commitOf({ outputs: [output('alerts', 0, 'a', `${i}`)] }))
    })
    const stamps = (await readAll(log, 'alerts', 0)).map(({ timestampMs }) => timestampMs)
    expect(stamps).toHaveLength(4)
    expect(stamps.toSorted((a, b) => a - b)).toEqual(stamps)
    expect(stamps[0]).toBeGreaterThan(0)
  })

  it('takes more outputs at once than fit into one send', async () => {
    const { log } = await world.provisioned()
    const outputs = Array.from({ length: 50 }, (_, i) =>
      output('aggregates', 0, null, `${i} ${'x'.repeat(60_000)}`),
    )
    await withSession(log, oneTask, ({ commit }) => commit(commitOf({ outputs })))
    const records = await readAll(log, 'aggregates', 0)
    expect(records.map(({ value }) => value)).toEqual(outputs.map(({ value }) => textOf(value)))
  })

  it('refuses an output that is too large', async () => {
    const { log } = await world.provisioned()
    const large = { ...output('aggregates', 0, null, ''), value: new Uint8Array(sendBytesMax + 1) }
    await withSession(log, oneTask, async ({ commit }) => {
      await expect(commit(commitOf({ outputs: [large] }))).rejects.toThrow(EntryRefusedError)
    })
    expect(await readAll(log, 'aggregates', 0)).toEqual([])
  })

  it('remembers positions, for whoever asks about lag', async () => {
    const { log, open } = await world.provisioned()
    const publisher = await log.publisher()
    for (const topic of ['requests', 'facts'] as const)
      await publisher.append(
        topic,
        0,
        Array.from({ length: 9 }, () => ({ key: null, value: bytesOf('x') })),
      )
    const at = (topic: 'requests' | 'facts', position: number, from: number) => ({
      topic,
      partition: 0,
      position: position as Offset,
      from: from as Offset,
    })
    await withSession(log, oneTask, async ({ commit }) => {
      await commit(commitOf({ positions: [at('requests', 5, 2), at('facts', 1, 1)] }))
      await commit(commitOf({ positions: [at('requests', 8, 3), at('facts', 1, 1)] }))
    })
    const [state] = await (await open()).checkpoints(oneTask.processor, 1)
    expect(state!.positions.toSorted((a, b) => a.position - b.position)).toEqual([
      { topic: 'facts', partition: 0, position: 1 },
      { topic: 'requests', partition: 0, position: 8 },
    ])
  })

  itIf(features.atomicCommit, 'shows outputs, checkpoint and positions together', async () => {
    const { log, open } = await world.provisioned()
    const reader = await open()
    let position = 0 as Offset
    /** The next records, and the checkpoints as they are found right after. */
    const seeNext = async () => {
      for (;;) {
        const at = { topic: 'alerts', partition: 0, fromOffset: position } as const
        const batches = await reader.read({ ...at, maxWaitMs: longWaitMs })
        position = batches.nextOffset
        const values = valuesIn(batches)
        // A log may have offsets at which there is no record.
        if (values.length === 0) continue
        return { values, states: await reader.checkpoints(oneTask.processor, 1) }
      }
    }
    await withSession(log, oneTask, async ({ commit }) => {
      for (let i = 0; i < 20; i++) {
        const seen = seeNext()
        await commit(
          commitOf({
            outputs: [output('alerts', 0, null, `${i}`)],
            checkpoint: new Map([['count', bytesOf(`${i}`)]]),
          }),
        )
        const { values, states } = await seen
        expect(values).toEqual([`${i}`])
        expect(textOf(states[0]!.checkpoint!.get('count')!)).toBe(`${i}`)
      }
    })
  })

  itIf(features.atomicCommit, 'leaves nothing of a commit that fails', async () => {
    const { log } = await world.provisioned()
    const bad = { ...output('alerts', 0, null, ''), value: new Uint8Array(sendBytesMax + 1) }
    await withSession(log, oneTask, async ({ commit }) => {
      const state = (text: string) => new Map([['state', bytesOf(text)]])
      await commit(commitOf({ checkpoint: state('good') }))
      const outputs = [output('alerts', 0, null, 'lost'), bad]
      await expect(commit(commitOf({ outputs, checkpoint: state('bad') }))).rejects.toThrow(
        EntryRefusedError,
      )
    })
    expect(await readAll(log, 'alerts', 0)).toEqual([])
    const [state] = await log.checkpoints(oneTask.processor, 1)
    expect(textOf(state!.checkpoint!.get('state')!)).toBe('good')
  })
}
