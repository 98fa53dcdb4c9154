import {
  canonicalJson,
  contentId,
  defaultLayout,
  type Checkpoint,
  type Output,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { dayBytesMax, daysMax, withDay, type DaySnapshots } from './day-snapshots.ts'
import { evaluate } from './evaluator.ts'
import { judgedThroughUs, savedStates } from './evaluator-checkpoint.ts'
import { evaluatorFold, type EvaluatorFold } from './evaluator-fold.ts'
import { snapshotOf } from './evaluator-snapshot.ts'
import { evaluatorState, type EvaluatorState } from './evaluator-state.ts'
import { memoryLog } from './testing/memory-log.ts'
import { inClockOrder, plainAggregates } from './testing/plain-aggregates.ts'
import { beginUs, steadyRecords, type SteadyWindow } from './testing/steady.ts'

const dayUs = 86_400_000_000
const layout = defaultLayout
const options = { layout, partition: 0, partitionOf: () => 0 }

/** Windows around a midnight. */
const midnightUs = Math.ceil(beginUs / dayUs) * dayUs
const windowsBefore = (midnightUs - beginUs) / layout.windowUs
const windows = Array.from({ length: windowsBefore + 12 }, (_, i): SteadyWindow => ({
  api: { requests: 20, failed: i % 7 },
}))
const aggregates = inClockOrder(plainAggregates(layout, 0, steadyRecords(windows)))
const log = memoryLog('aggregates', 0, aggregates)

const open = (checkpoint: Checkpoint | null, snapshotEveryWindows = 5): EvaluatorFold =>
  evaluatorFold({ ...options, reader: log.reader, snapshotEveryWindows }, checkpoint)

const workOff = (fold: EvaluatorFold, to: number): void => {
  fold.feed(log.batches(fold.sources()[0]!.position, Math.min(to, aggregates.length)))
  while (fold.work(7, () => undefined));
}

const contentOf = (state: EvaluatorState): string =>
  canonicalJson(snapshotOf(state).map(({ name, value }) => [name, value()]))

/** The state after the record that judged the first window past midnight. */
const stateAtMidnight = (): EvaluatorState => {
  const state = evaluatorState(options)
  for (const event of aggregates) {
    evaluate(state, event, () => undefined)
    if ((state.previousEndUs ?? 0) >= midnightUs) return state
  }
  throw new Error('no window past midnight')
}

describe('the snapshots of the days', () => {
  it('hold the state just past midnight, whatever is fed, committed and lost (I5)', () => {
    for (const step of [1, 13, 100, aggregates.length]) {
      let fold = open(null)
      let checkpoint: Checkpoint = new Map()
      for (let to = step; to < aggregates.length + step; to += step) {
        workOff(fold, to)
        checkpoint = fold.checkpoint()
        if (Math.floor(to / step) % 3 === 0) fold = open(checkpoint)
      }
      workOff(fold, aggregates.length)
      checkpoint = fold.checkpoint()
      const [day, last] = savedStates(options, checkpoint)
      expect(day?.throughUs).toBe(midnightUs)
      expect(contentOf(day!.restore())).toBe(contentOf(stateAtMidnight()))
      expect(last!.throughUs).toBeGreaterThan(midnightUs)
      expect(judgedThroughUs(checkpoint)).toBeGreaterThanOrEqual(last!.throughUs!)
    }
  })

  it('let whoever begins there judge what follows, the same', () => {
    const fold = open(null)
    workOff(fold, aggregates.length)
    const whole: Output[] = []
    const wholeState = evaluatorState(options)
    const from = (state: EvaluatorState): string => {
      const outputs: Output[] = []
      for (const event of aggregates) evaluate(state, event, (output) => outputs.push(output))
      return outputs.map(canonicalJson).join('\n')
    }
    for (const event of aggregates)
      evaluate(wholeState, event, (output) => {
        if ('windowEndUs' in output.event && output.event.windowEndUs > midnightUs)
          whole.push(output)
      })
    const [day] = savedStates(options, fold.checkpoint())
    expect(from(day!.restore())).toBe(whole.map(canonicalJson).join('\n'))
  })

  it('are the newest eight, none older than eight days, and no more than their bytes allow', () => {
    const documents = (bytes: number): Checkpoint =>
      new Map([['head.0', new TextEncoder().encode(JSON.stringify('x'.repeat(bytes - 2)))]])
    const none: DaySnapshots = { days: [], parts: new Map() }
    const ends = (bytes: number, gaps: readonly number[]): readonly number[] => {
      let at = 0
      let kept = none
      const configurationId = contentId('any')
      for (const gap of gaps)
        kept = withDay(kept, { endUs: (at += gap) * dayUs, configurationId }, documents(bytes))
      expect([...kept.parts.keys()].length).toBe(kept.days.reduce((n, { parts }) => n + parts, 0))
      return kept.days.map(({ endUs }) => endUs / dayUs)
    }
    expect(ends(100, Array<number>(12).fill(1))).toEqual([5, 6, 7, 8, 9, 10, 11, 12])
    expect(ends(100, [1, 1, 1, 6])).toEqual([2, 3, 9])
    expect(ends(100, [1, 1, 30])).toEqual([32])
    expect(ends(Math.floor(dayBytesMax / 3) - 100, [1, 1, 1, 1, 1])).toEqual([3, 4, 5])
    expect(ends(dayBytesMax + 1, [1, 1])).toEqual([])
    expect(daysMax).toBe(8)
  })

  it('are not written again by what follows', () => {
    const fold = open(null)
    workOff(fold, aggregates.length - 40)
    const before = fold.checkpoint()
    workOff(fold, aggregates.length)
    const after = fold.checkpoint()
    const keys = [...before.keys()].filter((key) => key.startsWith('day.'))
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) expect(after.get(key)).toBe(before.get(key))
  })
})
