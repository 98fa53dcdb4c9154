import { describe, expect, it } from '@jest/globals'
import { CorruptLogError } from '@tidemark/log'
import type { Checkpoint, Offset } from '@tidemark/model'
import fc from 'fast-check'
import {
  assemble,
  chunksOf,
  isKeyOf,
  latestManifest,
  manifestKey,
  type CheckpointRecord,
} from './checkpoint-records.ts'
import { checkpointWriter } from './checkpoint-writer.ts'

const task = { processor: 'aggregator', task: 3 } as const

/** The topic as the strictest compaction leaves it: of each key the last value, of deleted keys nothing. */
type Topic = Map<string, Uint8Array>

const append = (topic: Topic, records: readonly CheckpointRecord[]): void => {
  for (const { key, value } of records) {
    const text = Buffer.from(key).toString()
    if (value === null) topic.delete(text)
    else topic.set(text, value)
  }
}

const read = (topic: Topic): Checkpoint | null => {
  const manifest = latestManifest(task, topic)
  return manifest === null ? null : assemble(task, manifest, topic)
}

const keysOf = (topic: Topic): readonly Uint8Array[] =>
  [...topic.keys()].map((key) => Buffer.from(key))

const plain = (checkpoint: Checkpoint | null) =>
  checkpoint === null
    ? null
    : Object.fromEntries(
        [...checkpoint].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
      )

const partNames = ['a', 'b', 'c/"d"', '']
type Step =
  | {
      readonly kind: 'commit'
      readonly change: readonly string[]
      readonly remove: readonly string[]
      readonly written: number
    }
  | { readonly kind: 'takeover' }
  | { readonly kind: 'zombie'; readonly written: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      change: fc.subarray(partNames),
      remove: fc.subarray(partNames, { maxLength: 1 }),
      // Most commits are written whole; the others are cut by a crash after so many records.
      written: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(8)),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'takeover' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('zombie' as const), written: fc.nat(12) }),
  },
)

type Late = {
  readonly records: readonly CheckpointRecord[]
  readonly state: Checkpoint
  readonly epoch: number
}

const manifestIn = (records: readonly CheckpointRecord[]): number =>
  records.findIndex(({ key }) => Buffer.from(key).toString().endsWith('"manifest"]'))

describe('checkpoints on a compacted topic', () => {
  it('are after any crash, takeover and late write those of the last whole commit', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const topic: Topic = new Map()
        let epoch = 1
        let state = new Map<string, Uint8Array>()
        let writer = checkpointWriter(task, epoch, [])
        /** What an owner that lost the task would still write, and the state that it stands for. */
        let late: Late | null = null
        let count = 0
        let expected: Checkpoint | null = null
        /** Of the newest owner that has a manifest. */
        let expectedEpoch = 0
        const takeover = (): void => {
          const next = new Map([...state, ['a', Buffer.from(`late ${count++}`)]])
          late ??= { records: writer.records(next, []), state: next, epoch }
          state = new Map(read(topic))
          writer = checkpointWriter(task, (epoch += 7), keysOf(topic))
        }
        for (const action of steps) {
          if (action.kind === 'takeover') takeover()
          else if (action.kind === 'zombie') {
            // An owner that lost its task goes on writing. Its manifest counts until a successor has one, and never after.
            if (late === null) continue
            const { records, state: lateState, epoch: lateEpoch } = late
            append(topic, records.slice(0, action.written))
            const manifestAt = manifestIn(records)
            if (manifestAt >= 0 && action.written > manifestAt && lateEpoch >= expectedEpoch) {
              expected = lateState
              expectedEpoch = lateEpoch
            }
            late = null
          } else {
            const next = new Map(state)
            for (const name of action.remove) next.delete(name)
            for (const name of action.change) next.set(name, Buffer.from(`${name} ${count++}`))
            const records = writer.records(next, [])
            append(topic, records.slice(0, action.written))
            state = next
            if (action.written > manifestIn(records)) {
              expected = next
              expectedEpoch = epoch
            }
            if (action.written >= records.length) continue
            // Whoever could not write all of it gives the task up; the rest may still arrive.
            late = { records: records.slice(action.written), state: next, epoch }
            takeover()
          }
          expect(plain(read(topic))).toEqual(plain(expected))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('leave at most two versions of a part, and nothing of earlier owners', () => {
    const topic: Topic = new Map()
    append(topic, checkpointWriter(task, 1, []).records(new Map([['old', Buffer.from('x')]]), []))
    const writer = checkpointWriter(task, 2, keysOf(topic))
    for (let i = 0; i < 10; i++)
      append(topic, writer.records(new Map([['now', Buffer.from(String(i))]]), []))
    expect([...topic.keys()]).toEqual([
      '["aggregator",3,2,"part","now",0,0]',
      '["aggregator",3,2,"manifest"]',
      '["aggregator",3,2,"part","now",1,0]',
    ])
  })

  it('write a part again only when it is another array', () => {
    const writer = checkpointWriter(task, 1, [])
    const same = Buffer.from('same')
    expect(
      writer.records(
        new Map([
          ['a', same],
          ['b', Buffer.from('1')],
        ]),
        [],
      ),
    ).toHaveLength(3)
    const records = writer.records(
      new Map([
        ['a', same],
        ['b', Buffer.from('2')],
      ]),
      [],
    )
    expect(records.map(({ key }) => Buffer.from(key).toString())).toEqual([
      '["aggregator",3,1,"part","b",1,0]',
      '["aggregator",3,1,"manifest"]',
    ])
  })

  it('hold parts that are larger than a record, and positions', () => {
    const topic: Topic = new Map()
    const large = new Uint8Array(2_000_001).map((_, i) => i * 7)
    const positions = [
      { topic: 'requests' as const, partition: 3, position: 9 as Offset, from: 4 as Offset },
    ]
    expect(chunksOf(large)).toHaveLength(3)
    append(
      topic,
      checkpointWriter(task, 1, []).records(
        new Map([
          ['large', large],
          ['empty', new Uint8Array(0)],
        ]),
        positions,
      ),
    )
    const manifest = latestManifest(task, topic)!
    expect(manifest.positions).toEqual(positions)
    const found = assemble(task, manifest, topic)
    expect(Buffer.compare(found.get('large')!, large)).toBe(0)
    expect(found.get('empty')).toEqual(new Uint8Array(0))
  })

  it('are refused when a part is missing or damaged', () => {
    const topic: Topic = new Map()
    append(topic, checkpointWriter(task, 1, []).records(new Map([['a', Buffer.from('abc')]]), []))
    const key = '["aggregator",3,1,"part","a",0,0]'
    topic.set(key, Buffer.from('abd'))
    expect(() => read(topic)).toThrow(CorruptLogError)
    topic.delete(key)
    expect(() => read(topic)).toThrow(/part a .* 0 of 3 bytes/)
  })
})

it('tells the keys of a task from those of its neighbours', () => {
  const isOurs = isKeyOf({ processor: 'a"b', task: 1 })
  expect(isOurs(Buffer.from(manifestKey({ processor: 'a"b', task: 1 }, 5)).toString())).toBe(true)
  for (const other of [
    { processor: 'a"b', task: 11 },
    { processor: 'a', task: 1 },
  ])
    expect(isOurs(Buffer.from(manifestKey(other, 5)).toString())).toBe(false)
})
