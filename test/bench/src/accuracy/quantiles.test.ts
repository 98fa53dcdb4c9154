import { describe, expect, it } from '@jest/globals'
import { answer } from '../harness/answering.ts'
import { randomOf } from '../harness/random.ts'
import { accuracy } from '../rows/accuracy.ts'
import { brokenPromise, cellsOf, errorPercent, errorPercentMax, quantiles } from './quantiles.ts'
import { drawnUs, latencyShapes } from './shapes.ts'

describe.each(latencyShapes.map((shape) => [shape.name, shape] as const))(
  'a million latencies: %s',
  (_, shape) => {
    const cells = cellsOf(drawnUs(shape, 1_000_000, randomOf(42)))

    it.each(quantiles.map(({ name }, i) => [name, i] as const))(
      'have their %s within the bounds that Tidemark promises',
      (_name, i) => {
        const cell = cells[i]!
        expect(brokenPromise(cell)).toBeNull()
        // The bounds of the slot are below 1/128 of it apart, and the maximum cuts the last one.
        const error = errorPercent(cell.tidemark.valueUs, cell.exactUs)
        expect(error).toBeGreaterThanOrEqual(0)
        expect(error).toBeLessThanOrEqual(errorPercentMax)
      },
    )
  },
)

it('sees bounds that do not hold', () => {
  const cell = { quantile: 'p50', exactUs: 1000, classicUs: 0, nativeUs: 0 }
  const within = (lowUs: number, highUs: number): string | null =>
    brokenPromise({ ...cell, tidemark: { lowUs, highUs, valueUs: highUs } })
  expect(within(1000, 1007)).toBeNull()
  expect(within(1001, 1007)).toMatch('not in 1001 to 1007')
  expect(within(992, 999)).toMatch('not in 992 to 999')
  expect(within(992, 1008)).toMatch('wider than 1/128 of 992')
})

it('fills a line of the table for every percentile of every shape', async () => {
  const setting = { scale: 0.01, seed: 1, note: () => undefined }
  const about = { machine: 'a machine', commit: 'abc', date: '2026-01-02T00:00' }
  const lines = accuracy.table!(await answer(accuracy, 2, setting, about))
  expect(lines).toHaveLength(2 + latencyShapes.length * quantiles.length)
  const byDefault = '+107 %'
  expect(lines.filter((line) => line.startsWith('| constant'))).toEqual([
    '| constant, 120 ms | p50 | 120 ms | 0.00 % | +46 % | -0.25 % |',
  ])
  expect(lines.some((line) => line.startsWith(`|  | p99 | 120 ms | 0.00 % | ${byDefault}`))).toBe(
    true,
  )
})
