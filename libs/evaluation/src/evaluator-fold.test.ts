import {
  InvariantError,
  canonicalJson,
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  type Checkpoint,
  type Output,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { CheckpointFormatError, jsonBytes } from './documents.ts'
import { evaluate } from './evaluator.ts'
import { evaluatorFold, type EvaluatorFold } from './evaluator-fold.ts'
import { evaluatorState } from './evaluator-state.ts'
import { memoryLog } from './testing/memory-log.ts'
import { inClockOrder, plainAggregates } from './testing/plain-aggregates.ts'
import { runFold, type Turn } from './testing/run-fold.ts'
import { steadyRecords, type SteadyWindow } from './testing/steady.ts'

const layout = {
  ...defaultLayout,
  configuration: {
    ...defaultConfiguration,
    services: [{ ...defaultServiceFields, service: 'billing' }],
  },
}
const options = { layout, partition: 0, partitionOf: () => 0 }

const windows: readonly SteadyWindow[] = [
  { api: { requests: 100, failed: 20 }, billing: { checks: 10 } },
  { api: { requests: 100, failed: 20 }, billing: { checks: 10, checksFailed: 9 } },
  ...Array<SteadyWindow>(4).fill({ api: { requests: 100 } }),
  null,
  null,
  null,
  ...Array<SteadyWindow>(8).fill({ api: { requests: 100 }, café: { requests: 1 } }),
]
const aggregates = inClockOrder(plainAggregates(layout, 0, steadyRecords(windows)))
const log = memoryLog('aggregates', 0, aggregates)

const open =
  (snapshotEveryWindows: number) =>
  (checkpoint: Checkpoint | null): EvaluatorFold =>
    evaluatorFold({ ...options, reader: log.reader, snapshotEveryWindows }, checkpoint)

const straight: Output[] = []
const state = evaluatorState(options)
for (const event of aggregates) evaluate(state, event, (output) => straight.push(output))

const bytesOf = (outputs: readonly Output[]): string => outputs.map(canonicalJson).join('\n')

const workOff = (fold: EvaluatorFold, to: number): Output[] => {
  const outputs: Output[] = []
  fold.feed(log.batches(fold.sources()[0]?.position ?? 0, to))
  while (fold.work(7, (output) => outputs.push(output)));
  return outputs
}

describe('evaluator fold', () => {
  it('commits the same bytes whatever is read, worked, committed and lost in between (I5, I6)', () => {
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
    const turns = fc.array(turn, { minLength: 80, maxLength: 250 })
    let restored = 0
    fc.assert(
      fc.property(turns, fc.integer({ min: 1, max: 5 }), (all, every) => {
        const { committed, starts } = runFold(open(every), log, all)
        expect(bytesOf(committed)).toBe(bytesOf(straight))
        restored += starts.filter((start) => start > 0).length
      }),
      { numRuns: 60 },
    )
    expect(restored).toBeGreaterThan(0)
  })

  it('reads from the last snapshot and drops what was committed since', () => {
    const first = open(3)(null)
    const before = workOff(first, aggregates.length - 12)
    const begun = first.sources()[0]?.position
    first.checkpoint()
    expect(first.sources()[0]?.from).toBe(0)
    const more = workOff(first, aggregates.length - 6)
    const checkpoint = first.checkpoint()
    expect(first.sources()[0]?.from).toBe(begun)

    const second = open(3)(checkpoint)
    expect(second.sources()[0]?.position).toBe(begun)
    const rest = workOff(second, aggregates.length)
    expect(bytesOf([...before, ...more, ...rest])).toBe(bytesOf(straight))
    expect(more.length).toBeGreaterThan(0)
  })

  it('writes a snapshot of the moment when it was begun, while the work goes on', () => {
    const fold = open(3)(null)
    workOff(fold, aggregates.length - 12)
    fold.snapshotNext()
    const atOnce = fold.checkpoint()
    const slow = open(3)(null)
    workOff(slow, aggregates.length - 12)
    slow.checkpoint()
    workOff(slow, aggregates.length)
    const later = slow.checkpoint()
    const parts = (of: Checkpoint) => [...of].filter(([key]) => key !== 'manifest').sort()
    expect(parts(later)).toEqual(parts(atOnce))
  })

  it('rewrites only the manifest between two snapshots, and nothing when nothing happened', () => {
    const fold = open(1000)(null)
    workOff(fold, 30)
    fold.snapshotNext()
    const before = fold.checkpoint()
    expect([...fold.checkpoint()]).toEqual([...before])
    expect(fold.checkpoint().get('manifest')).toBe(before.get('manifest'))
    workOff(fold, 50)
    const after = fold.checkpoint()
    const changed = [...after].filter(([key, part]) => before.get(key) !== part)
    expect(changed.map(([key]) => key)).toEqual(['manifest'])
  })

  it('keeps the parts that a new snapshot does not change', () => {
    const fold = open(1000)(null)
    workOff(fold, aggregates.length)
    fold.snapshotNext()
    const before = fold.checkpoint()
    fold.snapshotNext()
    const again = fold.checkpoint()
    expect([...again].every(([key, part]) => before.get(key) === part)).toBe(true)
  })

  it('says nothing and reads from the beginning before the first checkpoint', () => {
    const fold = open(10)(null)
    expect(fold.sources()).toEqual([
      { topic: 'aggregates', partition: 0, position: 0, from: 0, held: false },
    ])
    expect(fold.atRecordBoundary()).toBe(true)
    const empty = fold.checkpoint()
    expect([...empty.keys()]).toEqual(['manifest'])
    expect(open(10)(empty).sources()).toEqual(fold.sources())
  })

  it('is between two records only when all that is due is judged', () => {
    const fold = open(10)(null)
    fold.feed(log.batches(0, aggregates.length))
    let inside = 0
    while (fold.work(1, () => undefined)) if (!fold.atRecordBoundary()) inside++
    expect(inside).toBeGreaterThan(0)
    expect(fold.atRecordBoundary()).toBe(true)
  })

  it('refuses a checkpoint of another version', () => {
    const foreign = new Map([['manifest', jsonBytes({ version: 1 })]])
    expect(() => open(10)(foreign)).toThrow(CheckpointFormatError)
  })

  it('stops at an event that does not belong into aggregates', () => {
    const strange = memoryLog('aggregates', 0, [{ type: 'Tick' }])
    const fold = evaluatorFold({ ...options, reader: strange.reader }, null)
    fold.feed(strange.batches(0, 1))
    expect(() => fold.work(10, () => undefined)).toThrow(InvariantError)
  })
})
