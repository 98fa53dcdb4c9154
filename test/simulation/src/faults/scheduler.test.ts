import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { scheduler } from './scheduler.ts'

describe('simulated time', () => {
  it('takes actions by their time, those of one time in the order of asking', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { minLength: 1 }), async (delays) => {
        const time = scheduler(100)
        const taken: { readonly atMs: number; readonly i: number }[] = []
        for (const [i, delay] of delays.entries())
          time.at(100 + delay, () => taken.push({ atMs: time.nowMs(), i }))
        await time.run(() => taken.length === delays.length)
        const expected = delays
          .map((delay, i) => ({ atMs: 100 + delay, i }))
          .toSorted((a, b) => a.atMs - b.atMs || a.i - b.i)
        expect(taken).toEqual(expected)
      }),
    )
  })

  it('passes only when every promise that can go on has gone on', async () => {
    const time = scheduler(0)
    const seen: string[] = []
    const wait = (ms: number) =>
      new Promise<void>((resolve) => {
        time.at(time.nowMs() + ms, resolve)
      })
    const walk = async (): Promise<void> => {
      await wait(5)
      for (let i = 0; i < 100; i++) await Promise.resolve()
      seen.push(`walked at ${time.nowMs()}`)
    }
    time.at(6, () => seen.push('six'))
    void walk()
    await time.run(() => seen.length === 2)
    expect(seen).toEqual(['walked at 5', 'six'])
  })

  it('says so when everybody waits for ever', async () => {
    await expect(scheduler(3).run(() => false)).rejects.toThrow('at 3 ms everybody waits for ever')
  })
})
