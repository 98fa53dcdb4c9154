import { describe, expect, it } from '@jest/globals'
import { answerOf, runsOf } from './answer.ts'
import type { Opened, Row } from './row.ts'

const about = { seed: 1, scale: 1, machine: 'a machine', commit: 'abc', date: '2026-01-02T00:00' }
const setting = { seed: 1, scale: 1, note: () => undefined }

/** Two sides, of which the second one takes twice the CPU time of the first one and less of it each time. */
const opened = (order: string[]): Opened => ({
  conditions: 'nothing at all',
  sides: ['fast', 'slow'].map((name, i) => ({
    name,
    run: async (repetition) => {
      order.push(`${name} ${repetition}`)
      return { events: 1000, wallMs: 10, cpuMs: (i + 1) * (100 - repetition) }
    },
  })),
  close: async () => undefined,
})

const row: Row = {
  name: 'example',
  title: 'Example',
  promises: [
    { what: 'a', side: 'slow', figure: 'eventsPerCpuSecond' },
    {
      what: 'b',
      side: 'fast',
      figure: 'eventsPerCpuSecond',
      against: 'slow',
      goal: { atLeast: 2 },
    },
    { what: 'c', side: 'fast', figure: 'cpuMs', against: 'slow', goal: { atMost: 0.4 } },
    { what: 'd', side: 'slow', figure: 'cpuMs', against: ['slow', 'fast'] },
    { what: 'e', side: 'slow', figure: 'cpuMs', above: 'fast' },
  ],
  open: async () => opened([]),
}

describe('an answer', () => {
  it('comes from sides in turn, after warm-ups that do not count', async () => {
    const order: string[] = []
    const runs = await runsOf(opened(order), 2, setting)
    expect(order).toEqual(['fast -1', 'slow -1', 'fast 0', 'slow 0', 'fast 1', 'slow 1'])
    expect(runs.get('fast')!.map(({ cpuMs }) => cpuMs)).toEqual([100, 99])
  })

  it('has rates, ratios and differences of runs side by side, and says which promises are kept', async () => {
    const it = opened([])
    const answer = answerOf(row, it, await runsOf(it, 3, setting), about)
    expect(answer.repetitions).toBe(3)
    expect(answer.sides.fast!.eventsPerSecond).toEqual({
      ...{ min: 100_000, median: 100_000, max: 100_000 },
    })
    expect(answer.promises.map(({ values, isReached }) => [values.median, isReached])).toEqual([
      [1_000_000 / 198, null],
      [2, true],
      [0.5, false],
      [2, null],
      // 100, 99 and 98.
      [99, null],
    ])
  })

  it('has fewer repetitions of a side that asks for it, and compares as far as both go', async () => {
    const order: string[] = []
    const [fast, slow] = opened(order).sides
    const it: Opened = {
      ...{ conditions: '', warmUps: 0, close: async () => undefined },
      sides: [fast!, { ...slow!, repetitionsMax: 1 }],
    }
    const answer = answerOf(row, it, await runsOf(it, 3, setting), about)
    expect(order).toEqual(['fast 0', 'slow 0', 'fast 1', 'fast 2'])
    expect(answer.repetitions).toBe(3)
    expect(answer.promises[1]!.values).toEqual({ min: 2, median: 2, max: 2 })
    expect(answer.promises[2]!.values).toEqual({ min: 0.5, median: 0.5, max: 0.5 })
  })

  it('refuses a promise about a figure that no side has', async () => {
    const it = opened([])
    const runs = await runsOf(it, 1, setting)
    const promises = [{ what: 'x', side: 'fast', figure: 'rows' }]
    expect(() => answerOf({ ...row, promises }, it, runs, about)).toThrow('no figure rows of side')
  })
})
