import {
  canonicalJson,
  InvariantError,
  type Checkpoint,
  type FleetSlice,
  type HealthStatus,
  type Output,
  type PlatformReported,
  type TaskFold,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { CheckpointFormatError, jsonBytes } from './documents.ts'
import { reporterFold } from './reporter-fold.ts'
import { memoryLog } from './testing/memory-log.ts'
import { runFold, type FoldRun, type Turn } from './testing/run-fold.ts'
import { partsOfSlice, sliceOf } from './testing/slices.ts'

const second = 1_000_000

const run = (
  slices: readonly FleetSlice[],
  partitions: number,
  turns: readonly Turn[] = [],
): FoldRun => {
  const log = memoryLog('fleet', 0, slices)
  const open = (checkpoint: Checkpoint | null): TaskFold =>
    reporterFold({ layout: { partitions }, reader: log.reader }, checkpoint)
  return runFold(open, log, turns)
}

const reportsIn = (outputs: readonly Output[]): PlatformReported[] =>
  outputs.map(({ event }) => event as PlatformReported)

const endsIn = (outputs: readonly Output[]): number[] =>
  reportsIn(outputs).map(({ asOfUs }) => asOfUs / second)

/** The slices of one partition at these window ends, in seconds. */
const slicesAt = (
  partition: number,
  ends: readonly (readonly [end: number, status: HealthStatus])[],
): FleetSlice[] =>
  ends.map(([end, status], n) => {
    const previous = ends[n - 1]?.[0]
    return sliceOf({
      partition,
      windowEndUs: end * second,
      previousWindowEndUs: previous === undefined ? null : previous * second,
      statuses: [status],
    })
  })

const well = (...ends: readonly number[]): (readonly [number, HealthStatus])[] =>
  ends.map((end) => [end, 'healthy'])

describe('reporter', () => {
  it('reports the first window, full minutes, and where overall health is another', () => {
    const slices = slicesAt(0, [
      ...well(10, 20),
      [30, 'down'],
      [40, 'down'],
      ...well(50, 60, 70, 120),
    ])
    const { committed } = run(slices, 1)
    expect(endsIn(committed)).toEqual([10, 30, 50, 60, 120])
    expect(reportsIn(committed).map(({ overallHealth }) => overallHealth)).toEqual([
      'healthy',
      'down',
      'healthy',
      'healthy',
      'healthy',
    ])
  })

  it('waits until every partition has its slice', () => {
    const zero = slicesAt(0, well(60, 120))
    const one = slicesAt(1, well(60, 120))
    expect(endsIn(run(zero, 2).committed)).toEqual([])
    expect(endsIn(run([...zero, ...one.slice(0, 1)], 2).committed)).toEqual([60])
    const { committed } = run([...zero, ...one], 2)
    expect(endsIn(committed)).toEqual([60, 120])
    expect(reportsIn(committed)[0]).toMatchObject({
      serviceCount: 2,
      services: [{ service: '0-s0' }, { service: '1-s0' }],
      cause: { partition: 0, windowEndUs: 60 * second, index: 0 },
    })
  })

  it('waits until every part is there', () => {
    const slice = sliceOf({ windowEndUs: 60 * second, statuses: ['healthy', 'down', 'healthy'] })
    const parts = partsOfSlice(slice, 3)
    expect(run(parts.slice(0, 2), 1).committed).toEqual([])
    const [report] = reportsIn(run(parts, 1).committed)
    expect(report).toMatchObject({ overallHealth: 'down', serviceCount: 3 })
    expect(report?.positions).toHaveLength(3)
  })

  it('takes the last slice of a partition that skipped the window', () => {
    const zero = slicesAt(0, well(60, 120, 180))
    const one = slicesAt(1, [
      [60, 'down'],
      [180, 'healthy'],
    ])
    const { committed } = run([...zero, ...one], 2)
    expect(endsIn(committed)).toEqual([60, 120, 180])
    expect(reportsIn(committed)[1]).toMatchObject({ overallHealth: 'down', serviceCount: 2 })
  })

  it('takes nothing of a partition that had not begun', () => {
    const zero = slicesAt(0, well(60, 120))
    const one = slicesAt(1, well(120))
    const { committed } = run([...zero, ...one], 2)
    expect(reportsIn(committed).map(({ serviceCount }) => serviceCount)).toEqual([1, 2])
  })

  it('names the positions that it rests on', () => {
    const slices = [...slicesAt(1, well(60)), ...slicesAt(0, well(60))]
    const [report] = reportsIn(run(slices, 2).committed)
    expect(report?.positions.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual([
      'requests/0',
      'requests/1',
      'health-checks/0',
      'health-checks/1',
      'facts/0',
      'facts/1',
    ])
  })

  it('ignores repeats', () => {
    const slices = slicesAt(0, well(60, 120, 180))
    const parts = slices.flatMap((slice) => partsOfSlice(slice, 2))
    const repeated = [...parts.slice(0, 5), ...parts.slice(1, 5), ...parts]
    expect(run(repeated, 1).committed).toEqual(run(parts, 1).committed)
  })

  it('stops at a slice that lacks its first parts', () => {
    const [, second] = partsOfSlice(sliceOf({ statuses: ['healthy', 'healthy'] }), 2)
    expect(() => run(second === undefined ? [] : [second], 1)).toThrow(InvariantError)
  })

  it('stops when a slice is missing', () => {
    const zero = slicesAt(0, well(60, 120, 180))
    const one = slicesAt(1, well(60, 120, 180))
    const torn = one.filter(({ windowEndUs }) => windowEndUs !== 120 * second)
    expect(() => run([...zero, ...torn], 2)).toThrow('lacks its slice')
  })

  it('refuses a checkpoint of another version', () => {
    const foreign = new Map([['reporter', jsonBytes({ version: 7 })]])
    const { reader } = memoryLog('fleet', 0, [])
    expect(() => reporterFold({ layout: { partitions: 1 }, reader }, foreign)).toThrow(
      CheckpointFormatError,
    )
  })
})

describe('reporter, on random slices,', () => {
  const partitions = 3
  const status = fc.constantFrom<HealthStatus>('healthy', 'healthy', 'down', 'unknown')
  const partitionSlices = (partition: number): fc.Arbitrary<readonly FleetSlice[]> =>
    fc
      .array(fc.tuple(fc.constantFrom(10, 10, 20, 70), status, fc.integer({ min: 1, max: 3 })), {
        minLength: 2,
        maxLength: 15,
      })
      .map((steps) => {
        let end = 0
        const ends = steps.map(([gap, of]): [number, HealthStatus] => [(end += gap), of])
        const slices = slicesAt(partition, [...ends, [1000, 'healthy']])
        return slices.flatMap((slice, n) => partsOfSlice(slice, steps[n]?.[2] ?? 1))
      })
  const slices = fc.tuple(partitionSlices(0), partitionSlices(1), partitionSlices(2))
  const order = fc.array(fc.nat(partitions - 1), { maxLength: 120 })
  const repeats = fc.array(fc.tuple(fc.nat(100), fc.nat(6)), { maxLength: 5 })

  /** Merged as the order says; some events come again later, as their writer would repeat them. */
  const merged = (
    all: readonly (readonly FleetSlice[])[],
    turns: readonly number[],
    again: readonly (readonly [at: number, back: number])[],
  ): readonly FleetSlice[] => {
    const rest = all.map((of) => [...of])
    const taken = all.map((): FleetSlice[] => [])
    const log: FleetSlice[] = []
    const everyTurn = [...turns, ...all.flatMap((of, partition) => of.map(() => partition))]
    for (const partition of everyTurn) {
      const next = rest[partition]?.shift()
      if (next === undefined) continue
      taken[partition]?.push(next)
      log.push(next)
      for (const [at, back] of again)
        if (at === log.length) log.push(...(taken[partition]?.slice(-back - 1) ?? []))
    }
    return log
  }

  const turn: fc.Arbitrary<Turn> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('read' as const),
        records: fc.integer({ min: 1, max: 12 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('work' as const),
        units: fc.integer({ min: 1, max: 300 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  )

  it('reports the same bytes for every interleaving, repeat and restart (I5, I6)', () => {
    let restored = 0
    const turns = fc.array(turn, { minLength: 80, maxLength: 250 })
    fc.assert(
      fc.property(slices, order, order, repeats, turns, (all, one, other, again, crashes) => {
        const plain = run(merged(all, one, []), partitions)
        const broken = run(merged(all, other, again), partitions, crashes)
        const bytes = (of: FoldRun): string => of.committed.map(canonicalJson).join('\n')
        expect(bytes(broken)).toBe(bytes(plain))
        expect(endsIn(plain.committed).at(0)).toBeDefined()
        restored += broken.starts.filter((start) => start > 0).length
      }),
      { numRuns: 150 },
    )
    expect(restored).toBeGreaterThan(0)
  })

  it('has in each report the newest slice of every partition at or before it', () => {
    fc.assert(
      fc.property(slices, order, (all, turns) => {
        for (const report of reportsIn(run(merged(all, turns, []), partitions).committed)) {
          const expected = all.flatMap((of) => {
            const before = of.filter(({ windowEndUs }) => windowEndUs <= report.asOfUs)
            const last = before.at(-1)?.windowEndUs
            return before
              .filter(({ windowEndUs }) => windowEndUs === last)
              .flatMap(({ rows }) => rows)
          })
          expect(new Set(report.services)).toEqual(new Set(expected))
        }
      }),
      { numRuns: 60 },
    )
  })
})
