import { describe, expect, it } from '@jest/globals'
import {
  defaultLayout,
  emptyLedger,
  offset,
  type Checkpoint,
  type InputEvent,
  type TaskFold,
} from '@tidemark/model'
import { encodeUtf8 } from '@tidemark/wire'
import { aggregatorFold } from './aggregator-fold.ts'
import { ledgerOf } from './checkpoint.ts'
import { encodeEvent } from './testing/avro-events.ts'
import { testInput } from './testing/drive.ts'
import {
  feed,
  foldOf,
  type Given,
  limits,
  partition,
  request,
  second,
  startMs,
  uuidOf,
} from './testing/given.ts'

describe('recovery', () => {
  const open = [0, 1, 2].map((i) => ({ event: request({ id: uuidOf(i) }) }))

  it('saves the open windows when reading them again would take more than the budget', () => {
    const small = limits({ restoreBudgetEvents: 2 })
    const fold = foldOf(small)
    feed(fold, 'requests', open.slice(0, 2))
    expect([...fold.checkpoint().keys()]).toEqual(['aggregator'])
    expect(fold.sources()[0]!.from).toBe(0)
    feed(fold, 'requests', open.slice(2), 2)
    const part = `windows/requests/${startMs * 1000 + 10 * second}/0`
    const saved = fold.checkpoint()
    expect([...saved.keys()]).toEqual(['aggregator', part])
    expect(fold.sources()[0]!.from).toBe(3)
    feed(fold, 'requests', [{ event: request({ id: uuidOf(1) }) }], 3)
    expect(fold.checkpoint().get(part)).toBe(saved.get(part))
    const restored = foldOf(small, saved)
    feed(restored, 'requests', [{ event: request({ id: uuidOf(1) }) }, { afterMs: 15_000 }], 3)
    expect(ledgerOf(restored.checkpoint())[0]).toMatchObject({
      ledger: { events: 4, aggregated: 3, duplicate: 1 },
      open: 0,
    })
    expect([...restored.checkpoint().keys()]).toEqual(['aggregator'])
  })

  it('gives back the checkpoint it started from until it has read everything again', () => {
    const fold = foldOf()
    feed(fold, 'requests', open)
    const saved = fold.checkpoint()
    const restored = foldOf({}, saved)
    expect(restored.sources()[0]).toMatchObject({ position: 0, from: 0 })
    expect(feed(restored, 'requests', open.slice(0, 2))).toEqual([])
    expect(restored.checkpoint()).toEqual(saved)
    expect(restored.sources()[0]).toMatchObject({ position: 2, from: 0 })
    expect(feed(restored, 'requests', open.slice(2), 2)).toEqual([])
    expect(restored.checkpoint()).toEqual(saved)
    expect(restored.sources()[0]).toMatchObject({ position: 3, from: 0 })
  })

  it('stops where the log no longer holds what the checkpoint was made from', () => {
    const fold = foldOf()
    feed(fold, 'requests', open)
    const restored = foldOf({}, fold.checkpoint())
    expect(() => feed(restored, 'requests', [open[0]!, {}, open[2]!])).toThrow(
      'reading 0 to 3 again gave 2 events, 2 of them in open windows; the checkpoint says 3 and 3',
    )
  })

  it('stops at a checkpoint that this version did not write', () => {
    const bytes = encodeUtf8('{"version":2}')
    expect(() => foldOf({}, new Map())).toThrow('no part "aggregator"')
    expect(() => foldOf({}, new Map([['aggregator', bytes]]))).toThrow('not version 1')
    expect(() => foldOf({}, new Map([['aggregator', encodeUtf8('{')]]))).toThrow('no JSON')
    const fold = aggregatorFold({
      layout: defaultLayout,
      partition: 0,
      schemas: testInput,
      checkpoint: null,
    })
    expect(() => foldOf({}, fold.checkpoint())).toThrow('says nothing of requests/1')
  })
})

describe('a gap behind a saved window', () => {
  const layout = { ...defaultLayout, ...limits({ restoreBudgetEvents: 2 }) }
  const open = (checkpoint: Checkpoint | null, toOffset: number | null = null): TaskFold =>
    aggregatorFold({
      ...{ layout, partition, schemas: testInput, checkpoint },
      gaps:
        toOffset === null
          ? []
          : [{ topic: 'requests', partition, fromOffset: offset(5), toOffset: offset(toOffset) }],
    })
  const requestsLedger = (fold: TaskFold) => ledgerOf(fold.checkpoint())[0]!.ledger
  /** Five events are saved, two came after that. */
  const saved = (): Checkpoint => {
    const fold = open(null)
    feed(fold, 'requests', repeated(5))
    fold.checkpoint()
    feed(fold, 'requests', repeated(2), 5)
    return fold.checkpoint()
  }
  const repeated = (count: number): Given[] =>
    Array.from({ length: count }, () => ({ event: request() }))
  const end: Given = { afterMs: 60_000 }

  it.each([
    ['within what was read', 6, 1, 6, 0],
    ['up to what was read', 7, 0, 5, 0],
    ['beyond what was read', 9, 0, 5, 2],
  ])(
    '%s leaves what is saved, counts the rest, and is forgotten by later recoveries',
    (...given) => {
      const [, toOffset, again, total, lost] = given
      const first = open(saved(), toOffset)
      expect(first.sources()[0]).toMatchObject({ position: toOffset })
      feed(first, 'requests', repeated(again), toOffset)
      const position = Math.max(7, toOffset)
      feed(first, 'requests', repeated(1), position)
      expect(requestsLedger(first)).toMatchObject({ events: 8, aggregated: 8, lost })
      // What was read after the gap is read again as ever.
      const second = open(first.checkpoint())
      const from = second.sources()[0]!.position
      feed(second, 'requests', repeated(position + 1 - from), from)
      const rows = feed(second, 'requests', [end], position + 1).map(({ event }) => event)
      expect(rows[0]).toMatchObject({ total: total + 1, incomplete: true })
      expect(requestsLedger(second)).toMatchObject({ events: 8, aggregated: 8, lost })
    },
  )
})

describe('a loss that was accepted', () => {
  const loss: InputEvent = {
    ...{ type: 'LossAccepted', topic: 'requests', partition, fromOffset: 5, toOffset: 9 },
    ...{ by: null, note: null },
  }
  const factsLedger = (isWhole: boolean, given: Given) => {
    const value = encodeEvent(loss)
    const upgrade = () =>
      isWhole
        ? ({ ok: true, value } as const)
        : ({ ok: false, reason: 'bad_avro', detail: 'cut' } as const)
    const schemas = { ...testInput, upgrade }
    const fold = aggregatorFold({ layout: defaultLayout, partition, schemas, checkpoint: null })
    feed(fold, 'facts', [given])
    return ledgerOf(fold.checkpoint()).find(({ topic }) => topic === 'facts')!.ledger
  }

  it('counts as no event, and as one that is refused where it is none', () => {
    expect(factsLedger(true, { event: loss })).toEqual(emptyLedger)
    const refused = (reason: string) => ({ events: 1, rejected: [{ reason, events: 1 }] })
    expect(factsLedger(false, { event: loss })).toMatchObject(refused('bad_avro'))
    expect(factsLedger(true, { event: loss, key: null })).toMatchObject(refused('bad_key'))
  })
})
