import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { capacityOf, capacityOfServices } from './capacity.ts'
import { randomOf } from '../harness/random.ts'
import { rows } from '../rows.ts'
import { eventBatches, singleEvents, type Workload } from '../workload.ts'
import { cellIn, cells, figuresIn, type KindFigures } from './figures.ts'
import { withCapacity } from './page.ts'

const root = join(import.meta.dirname, '../../../..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

const measured = (value: number) => ({ value, row: 'a', isInReadme: true })
const costs: KindFigures = {
  ...{ kind: 'single', aggregatorCpuNsPerEvent: measured(500) },
  ...{ logBytesPerEvent: 100, idsPerEvent: 1 },
}

const bytesPerEvent = ({ events, pieces }: Workload): number =>
  pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) / events

describe('docs/capacity.md', () => {
  it('says what its arithmetic makes of the figures in the README', () => {
    const page = textOf('docs/capacity.md')
    // Where this fails, `npm run bench:capacity` writes the page anew.
    expect(page).toBe(withCapacity(page, figuresIn(textOf('README.md'))))
    expect(page).toMatch(/^\| \*\*aggregator processes\*\* \|/m)
  })

  it('changes with what an event costs', () => {
    const page = textOf('docs/capacity.md')
    const figures = figuresIn(textOf('README.md'))
    const dearer = figures.kinds.map((of) => ({ ...of, aggregatorCpuNsPerEvent: measured(12_345) }))
    expect(withCapacity(page, { ...figures, kinds: dearer })).not.toBe(page)
  })
})

describe('figures', () => {
  it('are those that the rows promise, by the names under which the README has them', () => {
    for (const { row, figure } of Object.values(cells)) {
      const { promises } = rows.find(({ name }) => name === row)!
      expect(promises.map(({ side, what }) => `${side}: ${what}`)).toContain(figure)
    }
  })

  it('say whether they stand in the README, and the page says it too', () => {
    const page = textOf('docs/capacity.md')
    const line = ({ row, figure }: { row: string; figure: string }): string =>
      `| **A**: b (\`${row}\`, 2026-01-02, abc) | ${figure} | 2 M (1 M to 3 M) |  |  |`
    const [some, all] = [line(cells.single), Object.values(cells).map(line).join('\n')]
    expect(withCapacity(page, figuresIn('')).match(/\*\*short runs/g)).toHaveLength(3)
    expect(withCapacity(page, figuresIn(some)).match(/\*\*short runs/g)).toHaveLength(2)
    expect(withCapacity(page, figuresIn(all))).not.toContain('**short runs')
    expect(figuresIn(some).kinds[0]!.aggregatorCpuNsPerEvent.value).toBe(500)
  })

  it('have the bytes that requests take on the log', () => {
    const shape = { random: randomOf(1), events: 20_000, services: 200, eventsPerSecond: 20_000 }
    const [single, batched] = figuresIn('').kinds
    expect(bytesPerEvent(singleEvents(shape))).toBeCloseTo(single!.logBytesPerEvent, 0)
    expect(bytesPerEvent(eventBatches(shape))).toBeCloseTo(batched!.logBytesPerEvent, 0)
  })

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
      ...{ clusterBytesInPerSecond: 3e9, clusterBytesOutPerSecond: 3e9 },
      // 3 GB/s at 250 MB/s each; 1.8 PB at 50 TB each.
      ...{ brokersForBytes: 12, diskBytes: 3e9 * 7 * 86_400, brokersForDisk: 37, brokers: 37 },
      commitRequestsPerSecond: 5 * 128,
      // A million events a second for 15 s, 56 bytes for each id.
      processBytes: 150_000_000 + 1_000_000 * 15 * 56,
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
