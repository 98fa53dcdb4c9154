import {
  defaultLayout,
  keyOfEvent,
  offset,
  type Checkpoint,
  type Fact,
  type Output,
  type TaskFold,
} from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'
import { describe, expect, it } from '@jest/globals'
import { aggregatorFold } from './aggregator-fold.ts'
import { ledgerOf } from './checkpoint.ts'
import { encodeEvent, frameOf } from './testing/avro-events.ts'
import { testInput } from './testing/drive.ts'

const partition = 2
const startMs = 1_700_000_000_000

const deployed: Fact = {
  type: 'DeploymentFinished',
  id: '00000000-0000-4000-8000-000000000001',
  atUs: startMs * 1000,
  by: 'ada',
  note: null,
  service: 'checkout',
  deployment: 'v7',
}
const silenced: Fact = {
  ...{ type: 'SilenceCreated', id: '00000000-0000-4000-8000-000000000002', by: null, note: null },
  ...{ atUs: startMs * 1000, matchers: 'team="shop"', maintenance: false },
  ...{ fromUs: 1, toUs: 2 },
}
const incident: Fact = {
  ...{ type: 'IncidentOpened', id: '00000000-0000-4000-8000-000000000003', by: null, note: null },
  ...{ atUs: startMs * 1000, service: 'checkout', incident: 'i', alertId: null },
}

type Given = {
  readonly fact?: Fact
  readonly key?: Uint8Array | null
  readonly value?: Uint8Array
  readonly afterMs?: number
}

const entryOf = ({ fact = deployed, key, value, afterMs = 0 }: Given) => ({
  key: key === undefined ? encodeUtf8(keyOfEvent(fact)!) : key,
  value: value ?? encodeEvent(fact),
  timestampMs: startMs + afterMs,
})

const foldOf = (checkpoint: Checkpoint | null = null): TaskFold =>
  aggregatorFold({ layout: defaultLayout, partition, schemas: testInput, checkpoint })

const feed = (fold: TaskFold, given: readonly Given[], from = 0): readonly Output[] => {
  const outputs: Output[] = []
  fold.feed({
    ...{ topic: 'facts', partition, bytes: writeRecordBatch(given.map(entryOf), from) },
    fromOffset: offset(from),
    nextOffset: offset(from + given.length),
    endOffset: offset(from + given.length),
  })
  while (fold.work(512, (output) => outputs.push(output)));
  return outputs
}

const ledgerIn = (fold: TaskFold) => ledgerOf(fold.checkpoint())[2]!.ledger
const tick: Given = { key: null, value: encodeEvent({ type: 'Tick' }) }

describe('a fact', () => {
  it('is handed on at its record, with the clock as it stands there', () => {
    const fold = foldOf()
    const outputs = feed(fold, [
      { ...tick, afterMs: 7000 },
      // The clock does not go back with a timestamp.
      { afterMs: 3000 },
      { fact: silenced, afterMs: 8000 },
    ])
    expect(outputs.map(({ event }) => event.type)).toEqual([
      'PartitionAdvanced',
      'FactApplied',
      'FactApplied',
    ])
    expect(outputs[1]!.event).toEqual({
      type: 'FactApplied',
      cause: { topic: 'facts', partition, offset: 1, index: 0 },
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      clockMs: startMs + 7000,
      fact: deployed,
    })
    expect(outputs[2]!.event).toMatchObject({ clockMs: startMs + 8000, fact: silenced })
    expect(ledgerIn(fold)).toMatchObject({ events: 2, aggregated: 2, rejected: [] })
  })

  it('comes behind what its own record says of the clock, and before what a later one says', () => {
    const outputs = feed(foldOf(), [{}, { afterMs: 60_000 }, { ...tick, afterMs: 90_000 }])
    expect(outputs.map(({ event }) => event.type)).toEqual([
      ...['PartitionAdvanced', 'FactApplied'],
      ...['PartitionAdvanced', 'FactApplied', 'PartitionAdvanced'],
    ])
    expect(outputs[3]!.event).toMatchObject({ cause: { offset: 1, index: 1 } })
    // The ledger of an advance holds what is below its record.
    expect(outputs[2]!.event).toMatchObject({ ledger: { aggregated: 1 } })
  })

  it('counts once and is told once, however often its fold is restored', () => {
    const fold = foldOf()
    feed(fold, [{}, { fact: silenced }])
    const again = foldOf(fold.checkpoint())
    expect(again.sources()[2]).toMatchObject({ position: 2, from: 2 })
    expect(feed(again, [{ fact: incident }], 2)).toMatchObject([
      { event: { type: 'FactApplied', cause: { offset: 2 } } },
    ])
    expect(ledgerIn(again)).toMatchObject({ events: 3, aggregated: 3 })
  })

  it.each<readonly [what: string, given: Given, reason: string, detail: string]>([
    ['without a key', { key: null }, 'bad_key', 'no key'],
    ['under the key of another', { key: encodeUtf8('checkou') }, 'bad_key', "is not the fact's"],
    [
      'with a body that does not decode',
      { value: Uint8Array.from([...frameOf('DeploymentFinished'), 1, 2]) },
      'bad_avro',
      'DeploymentFinished',
    ],
    ['with a field out of its range', { fact: { ...deployed, atUs: -1 } }, 'bad_value', ''],
    ['that makes no sense', { fact: { ...silenced, toUs: 1 } }, 'bad_value', ''],
    [
      'from the future',
      { fact: { ...deployed, atUs: startMs * 1000 + 10_000_001 } },
      'future',
      '10000001 us ahead',
    ],
  ])('%s is refused, and counts as one event', (_, given, reason, detail) => {
    const fold = foldOf()
    const [, refused, ...rest] = feed(fold, [given])
    expect(rest).toEqual([])
    expect(refused).toMatchObject({ topic: 'rejected', event: { reason, indexes: [] } })
    expect((refused!.event as { detail: string }).detail).toContain(detail)
    expect(ledgerIn(fold)).toMatchObject({
      ...{ events: 1, aggregated: 0, rejected: [{ reason, events: 1 }] },
    })
  })

  it('is refused among requests', () => {
    const fold = foldOf()
    const outputs: Output[] = []
    fold.feed({
      ...{ topic: 'requests', partition, bytes: writeRecordBatch([entryOf({})], 0) },
      ...{ fromOffset: offset(0), nextOffset: offset(1), endOffset: offset(1) },
    })
    while (fold.work(512, (output) => outputs.push(output)));
    expect(outputs[1]!.event).toMatchObject({ reason: 'unknown_schema' })
  })
})
