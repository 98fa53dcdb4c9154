import { describe, expect, it } from '@jest/globals'
import {
  defaultLayout,
  type EpochMs,
  type HealthChecked,
  type RequestBatch,
  type RequestObserved,
} from '@tidemark/model'
import fc from 'fast-check'
import { batcherOf, type Stamped } from './batcher.ts'

const startMs = 1_795_230_000_000

const requestAt = (ms: number, more: Partial<RequestObserved> = {}): Stamped<RequestObserved> => ({
  timestampMs: (startMs + ms) as EpochMs,
  event: {
    ...{ type: 'RequestObserved', id: null, service: 'a', operation: 'GET /' },
    ...{ atUs: (startMs + ms) * 1000, latencyUs: 5, status: 200, success: true },
    ...more,
  },
})

const batcher = () => {
  let ids = 0
  return batcherOf(defaultLayout, () => `id-${ids++}`)
}

/** The single requests that a batch stands for. */
const expanded = ({ event }: Stamped<RequestBatch | HealthChecked>) => {
  if (event.type !== 'RequestBatch') throw new Error('no batch')
  return event.deltaUs.map((deltaUs, i) => ({
    service: event.service,
    operation: event.operations[event.operation[i]!]!,
    atUs: event.baseUs + deltaUs,
    latencyUs: event.latencyUs[i]!,
    status: event.status[i]!,
    success: !event.failures.includes(i),
  }))
}

const plain = ({ event }: Stamped<RequestObserved>) => {
  const { service, operation, atUs, latencyUs, status, success } = event
  return { service, operation, atUs, latencyUs, status, success }
}

describe('batches', () => {
  it('hold every request once, in the order of its service', () => {
    const anyRequest = fc
      .record({
        ms: fc.integer({ min: 0, max: 4000 }),
        service: fc.constantFrom('a', 'b'),
        operation: fc.constantFrom('', 'GET /', 'POST /'),
        status: fc.constantFrom(200, 500),
        latencyUs: fc.nat(),
        success: fc.boolean(),
      })
      .map(({ ms, ...more }) => requestAt(ms, more))
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 50 }), (requests) => {
        const { add, rest } = batcher()
        const batches = [...requests.flatMap((request) => add(request, 1)), ...rest()]
        for (const service of ['a', 'b'])
          expect(
            batches.flatMap((batch) => expanded(batch).filter((each) => each.service === service)),
          ).toEqual(requests.map(plain).filter((each) => each.service === service))
        expect(rest()).toEqual([])
      }),
    )
  })

  it('end after a thousand requests of a partition, each partition by itself', () => {
    const { add, rest } = batcher()
    const given: number[] = []
    for (let i = 0; i < 2500; i++)
      for (const batch of [...add(requestAt(0), 0), ...(i < 500 ? add(requestAt(0), 1) : [])])
        given.push(expanded(batch).length)
    expect(given).toEqual([1000, 1000])
    expect(rest().map((batch) => expanded(batch).length)).toEqual([500, 500])
  })

  it('bear the timestamp of their last request, and end where that would close a window', () => {
    const { add, rest } = batcher()
    const [first, second] = [requestAt(1000), requestAt(4999, { service: 'b' })]
    expect([first, second].flatMap((request) => add(request, 0))).toEqual([])
    // A window of 10 s that ended at 0 s closes at 5 s.
    const closed = add(requestAt(5000), 0)
    expect(closed.map(({ event, timestampMs }) => [event.service, timestampMs])).toEqual([
      ['a', startMs + 4999],
      ['b', startMs + 4999],
    ])
    expect(rest().map(({ timestampMs }) => timestampMs)).toEqual([startMs + 5000])
  })

  it('leave health checks as they are', () => {
    const { add, rest } = batcher()
    const event: HealthChecked = {
      ...{ type: 'HealthChecked', id: null, service: 'a', check: '', atUs: 1, passed: true },
      ...{ latencyUs: null, reason: null },
    }
    expect(add({ event, timestampMs: undefined }, 0)).toEqual([{ event, timestampMs: undefined }])
    expect(rest()).toEqual([])
  })
})
