import { describe, expect, it } from '@jest/globals'
import { defaultLayout, type Output, type PartitionAdvanced, type TaskFold } from '@tidemark/model'
import { ledgerOf } from './checkpoint.ts'
import {
  batchesOf,
  batchOf,
  feed,
  foldOf,
  type Given,
  request,
  said,
  second,
  startMs,
  uuidOf,
} from './testing/given.ts'

describe('the outputs of a record', () => {
  it('are the windows that it closes, the advance of the clock, then its own refusals', () => {
    const at = (us: number, service: string) => ({
      event: request({ service, atUs: startMs * 1000 + us }),
    })
    const outputs = feed(foldOf(), 'requests', [
      at(0, 'b'),
      at(0, 'a'),
      at(10 * second, 'c'),
      { value: new Uint8Array(0), afterMs: 25_000 },
    ])
    expect(outputs.map(said)).toEqual([
      '0.0 advanced 0',
      '3.0 10 a 1',
      '3.1 10 b 1',
      '3.2 20 c 1',
      '3.3 advanced 25000',
      '3.4 bad_frame []',
    ])
  })

  it('say of the first record that nobody watched before it', () => {
    const [first] = feed(foldOf(), 'facts', [{}])
    expect((first!.event as PartitionAdvanced).unwatched).toEqual({ fromMs: 0, toMs: startMs })
  })

  it('call a stretch unwatched only when it is longer than a window and three tick intervals', () => {
    const outputs = feed(foldOf({ tickIntervalMs: 5000 }), 'facts', [
      {},
      { afterMs: 15_000 },
      { afterMs: 30_001 },
    ])
    expect(outputs.map(({ event }) => (event as PartitionAdvanced).unwatched)).toEqual([
      { fromMs: 0, toMs: startMs },
      null,
      { fromMs: startMs + 15_000, toMs: startMs + 30_001 },
    ])
  })

  it('come in slices, and not at a record boundary until the last', () => {
    const fold = foldOf()
    const services = Array.from({ length: 100 }, (_, i) => `service-${i}`)
    feed(
      fold,
      'requests',
      services.map((service) => ({ event: request({ service }) })),
    )
    const outputs: Output[] = []
    const boundaries: boolean[] = []
    fold.feed(batchesOf('requests', [{ afterMs: 15_000 }], 100))
    let slices = 0
    for (let more = true; more; slices++) {
      more = fold.work(20, (output) => outputs.push(output))
      boundaries.push(fold.atRecordBoundary())
    }
    expect(slices).toBeGreaterThan(5)
    expect(boundaries).toEqual([...Array.from({ length: slices - 1 }, () => false), true])
    expect(outputs).toHaveLength(101)
  })
})

describe('a batch', () => {
  it('gives the windows that its events give one by one with its timestamp', () => {
    const requests = Array.from({ length: 40 }, (_, i) =>
      request({
        id: uuidOf(i),
        operation: `op-${i % 3}`,
        atUs: startMs * 1000 + i * 700_000 - 8 * second,
        latencyUs: i * i * 1000,
        status: i % 7 === 0 ? 500 : 200,
        success: i % 7 !== 0,
      }),
    )
    const end = { afterMs: 60_000 }
    const windowsOf = (given: readonly Given[]) =>
      feed(foldOf(), 'requests', given).flatMap(({ event }) => {
        if (event.type !== 'RequestWindowClosed') return []
        const {
          cause: _,
          input: { events },
          ...window
        } = event
        return [{ ...window, events }]
      })
    const singly = windowsOf([...requests.map((event) => ({ event })), end])
    expect(windowsOf([{ event: batchOf(requests, uuidOf(99)) }, end])).toEqual(singly)
    expect(singly.map(({ total }) => total)).toEqual([12, 14])
  })

  it('counts once when it is repeated, and its new events when it has grown', () => {
    const requests = [1, 2, 3].map((ms) => request({ latencyUs: ms }))
    const fold = foldOf()
    feed(fold, 'requests', [
      { event: batchOf(requests.slice(0, 2), uuidOf(1)) },
      { event: batchOf(requests, uuidOf(1)) },
    ])
    expect(ledgerOf(fold.checkpoint())[0]!.ledger).toMatchObject({ aggregated: 3, duplicate: 2 })
  })
})

describe('holding back', () => {
  const heldOf = (fold: TaskFold): readonly string[] =>
    fold.sources().flatMap(({ topic, held }) => (held ? [topic] : []))
  const far = { afterMs: defaultLayout.limits.maxAheadMs + 1 }

  it('holds a source that is too far ahead of one with more to read', () => {
    const fold = foldOf()
    feed(fold, 'health-checks', [{}], 0, 5)
    feed(fold, 'requests', [{ afterMs: defaultLayout.limits.maxAheadMs }])
    expect(heldOf(fold)).toEqual([])
    feed(fold, 'requests', [far], 1)
    expect(heldOf(fold)).toEqual(['requests'])
    feed(fold, 'health-checks', [{ afterMs: 1 }], 1, 5)
    expect(heldOf(fold)).toEqual([])
  })

  it('waits for nobody who is read to the end or was never fed', () => {
    const fold = foldOf()
    feed(fold, 'health-checks', [{}], 0, 5)
    feed(fold, 'requests', [far])
    expect(heldOf(fold)).toEqual(['requests'])
    feed(fold, 'health-checks', [], 1)
    expect(heldOf(fold)).toEqual([])
  })
})
