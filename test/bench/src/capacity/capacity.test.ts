import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { capacityOf, capacityOfServices } from './capacity.ts'
import { cellIn, figuresIn, type KindFigures } from './figures.ts'
import { withCapacity } from './page.ts'

const root = join(import.meta.dirname, '../../../..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

const costs: KindFigures = {
  ...{ kind: 'single', aggregatorCpuNsPerEvent: 500, logBytesPerEvent: 100, idsPerEvent: 1 },
}

describe('docs/capacity.md', () => {
  it('says what its arithmetic makes of the figures in the README', () => {
    const page = textOf('docs/capacity.md')
    // Where this fails, `npm run bench:capacity` writes the page anew.
    expect(page).toBe(withCapacity(page, figuresIn(textOf('README.md'))))
    expect(page).toMatch(/^\| aggregator processes \|/m)
  })

  it('changes with what an event costs', () => {
    const page = textOf('docs/capacity.md')
    const figures = figuresIn(textOf('README.md'))
    const dearer = figures.kinds.map((of) => ({ ...of, aggregatorCpuNsPerEvent: 12_345 }))
    expect(withCapacity(page, { ...figures, kinds: dearer })).not.toBe(page)
  })
})

describe('figures', () => {
  const table = [
    '| **One**: of many (`one`, 2026-01-02, abc) | tidemark: a | 2.31 M (2.2 M to 2.4 M) |  |  |',
    '|  | tidemark: b | 45.6 k (1 to 2) |  |  |',
    '| **Two**: of many (`two`, 2026-01-02, abc) | tidemark: b | 7.5 (1 to 2) |  |  |',
    '',
    '|  | tidemark: c | 9 (1 to 2) |  |  |',
  ].join('\n')

  it.each([
    ['one', 'tidemark: a', 2_310_000],
    ['one', 'tidemark: b', 45_600],
    ['two', 'tidemark: b', 7.5],
    ['two', 'tidemark: a', null],
    ['two', 'tidemark: c', null],
  ])('of row %s are read from the table: %s', (row, figure, value) => {
    expect(cellIn(table, row, figure)).toBe(value)
  })
})

describe('the arithmetic', () => {
  it('is that of the page, for 10 M events a second of 500 ns and 100 bytes', () => {
    expect(capacityOf(costs, 10_000_000)).toEqual({
      ...{ kind: 'single', eventsPerSecond: 10_000_000 },
      // 10 M times 500 ns; at half of a core each.
      ...{ cores: 5, processes: 10 },
      // At most 200,000 ids a second and partition, half of them used: 100, hence 128.
      partitions: 128,
      bytesPerSecond: 1e9,
      ...{ clusterBytesInPerSecond: 3e9, clusterBytesOutPerSecond: 3e9, brokers: 12 },
      diskBytes: 3e9 * 7 * 86_400,
      // A million events a second for 15 s, 32 bytes for each id.
      processBytes: 150_000_000 + 1_000_000 * 15 * 32,
      // 15 of 128 tasks with 15 s of 78,125 events each.
      restoreMs: (15 * 15 * 78_125 * 500) / 1e6,
      takeoverMs: 10_000 + 10_000 / 6 + (15 * 15 * 78_125 * 500) / 1e6,
      caughtUpMs: (10_000 + 10_000 / 6 + (15 * 15 * 78_125 * 500) / 1e6) / (1 - 5 / 9),
    })
  })

  it('never goes below what redundancy takes', () => {
    const { processes, brokers, partitions } = capacityOf(costs, 1)
    expect({ processes, brokers, partitions }).toEqual({ processes: 2, brokers: 3, partitions: 8 })
  })

  it('grows in proportion to services', () => {
    const figures = figuresIn('')
    const [one, ten] = [capacityOfServices(figures, 1000), capacityOfServices(figures, 10_000)]
    expect(ten.evaluatorCores).toBeCloseTo(10 * one.evaluatorCores, 9)
    expect(ten.derivedBytesPerSecond).toBe((10_000 * 1893) / 10)
    expect(ten.checkpointBytesPerSecond).toBeCloseTo((10_000 * 3423) / 600, 9)
  })
})
