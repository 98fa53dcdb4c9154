import {
  canonicalJson,
  configurationId,
  defaultConfiguration,
  defaultLayout,
  type Configuration,
  type Output,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { catalogOf } from './configuration-catalog.ts'
import { evaluatorFold, type EvaluatorFoldOptions } from './evaluator-fold.ts'
import { activation, withFacts } from './testing/facts.ts'
import { lazyCatalog } from './testing/lazy-catalog.ts'
import { memoryLog } from './testing/memory-log.ts'
import { inClockOrder, plainAggregates } from './testing/plain-aggregates.ts'
import { beginUs, endOfWindow, steadyRecords } from './testing/steady.ts'

const before: Configuration = { ...defaultConfiguration, requestsMin: 5 }
const after: Configuration = { ...defaultConfiguration, requestsMin: 25 }
const layout = { ...defaultLayout, configuration: before }
const fromUs = endOfWindow(2)

const records = steadyRecords(Array.from({ length: 8 }, () => ({ api: { requests: 20 } })))
const facts = withFacts(records.facts, [
  { timestampMs: beginUs / 1000 + 1500, fact: activation(1, after, fromUs) },
])
const aggregates = inClockOrder(plainAggregates(layout, 0, { ...records, facts }))
const log = memoryLog('aggregates', 0, aggregates)

const foldOf = (
  changes: Partial<EvaluatorFoldOptions> = {},
  checkpoint: Parameters<typeof evaluatorFold>[1] = null,
) =>
  evaluatorFold(
    {
      ...{ layout, partition: 0, partitionOf: () => 0, reader: log.reader },
      snapshotEveryWindows: 1,
      ...changes,
    },
    checkpoint,
  )

type Fold = ReturnType<typeof foldOf>

/** Works until nothing is left to do, or something is missing. */
const workOff = (fold: Fold): readonly Output[] => {
  const outputs: Output[] = []
  fold.feed(log.batches(fold.sources()[0]!.position, aggregates.length))
  for (let more = true; more && (fold.missing?.() ?? null) === null;)
    more = fold.work(1000, (output) => outputs.push(output))
  return outputs
}

const endOf = ({ event }: Output): number => (event as { windowEndUs: number }).windowEndUs
const text = (outputs: readonly Output[]): readonly string[] => outputs.map(canonicalJson)
const whole = workOff(foldOf({ catalog: catalogOf([after]) }))
const id = configurationId(after)

describe('an evaluator that misses a configuration', () => {
  it('has judged all windows before it, and waits where a commit may stand', async () => {
    const catalog = lazyCatalog([after])
    const fold = foldOf({ catalog })
    const early = workOff(fold)
    expect(text(early)).toEqual(text(whole.filter((output) => endOf(output) <= fromUs)))
    expect(fold.atRecordBoundary()).toBe(true)
    // The record that makes the next window due is not behind it.
    const { position, from } = fold.sources()[0]!
    const due = aggregates[position]!
    expect(due).toMatchObject({ type: 'PartitionAdvanced' })
    expect((due as { clockMs: number }).clockMs * 1000).toBeGreaterThan(fromUs + 10_000_000)
    expect(from).toBeLessThanOrEqual(position)
    const missing = fold.missing?.() ?? null
    expect(await missing).toBeNull()
    expect(fold.missing?.()).toBeNull()
    const late: Output[] = []
    while (fold.work(1000, (output) => late.push(output)));
    expect(text([...early, ...late])).toEqual(text(whole))
    expect(fold.sources()[0]!.position).toBe(aggregates.length)
  })

  it('can be given up there, and another goes on', () => {
    const fold = foldOf({ catalog: lazyCatalog([after]) })
    const early = workOff(fold)
    const checkpoint = fold.checkpoint()
    expect(fold.checkpoint()).toEqual(checkpoint)
    const successor = foldOf({ catalog: catalogOf([after]) }, checkpoint)
    expect(text([...early, ...workOff(successor)])).toEqual(text(whole))
  })

  it('says what it waits for, as the catalog says it', async () => {
    const held = foldOf({ catalog: catalogOf([]) })
    workOff(held)
    expect(await held.missing?.()).toBe(`nobody has stored configuration ${id}`)
    const none = foldOf()
    workOff(none)
    expect(await none.missing?.()).toBe(`configuration ${id}: there is no catalog`)
  })

  it('waits as well where the saved state rests on it', async () => {
    const first = foldOf({ catalog: catalogOf([after]) })
    workOff(first)
    first.snapshotNext()
    const checkpoint = first.checkpoint()
    const catalog = lazyCatalog([after])
    const second = foldOf({ catalog }, checkpoint)
    expect(workOff(second)).toEqual([])
    expect(second.atRecordBoundary()).toBe(true)
    expect(second.checkpoint()).toEqual(checkpoint)
    expect(second.sources()).toEqual(first.sources())
    expect(await second.missing?.()).toBeNull()
    const outputs: Output[] = []
    while (second.work(1000, (output) => outputs.push(output)));
    // All of it was judged before; what follows is judged as ever.
    expect(outputs).toEqual([])
    second.snapshotNext()
    expect(second.checkpoint()).toEqual(checkpoint)
  })
})
