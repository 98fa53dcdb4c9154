import { effectiveThresholdUs } from '@tidemark/histogram'
import { defaultLayout, type Indicator } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { serviceWindow, type SeenRequest } from '../testing/service-window.ts'
import { counterOf } from './indicator.ts'

const shape = defaultLayout.histogram
const counted = (indicator: Indicator, ...given: Parameters<typeof serviceWindow>) =>
  counterOf(indicator, shape)(serviceWindow(...given))

describe('an indicator', () => {
  it('counts nothing where nothing came', () => {
    const all: readonly Indicator[] = [
      { kind: 'availability', badStatuses: null },
      { kind: 'availability', badStatuses: [{ from: 500, to: 599 }] },
      { kind: 'latency', thresholdUs: 1 },
      { kind: 'uptime' },
      { kind: 'job-latency', thresholdUs: 1, operations: '*' },
    ]
    for (const indicator of all) expect(counted(indicator, [])).toEqual({ valid: 0, bad: 0 })
  })

  it('of availability takes the word of the producer, or else the statuses that it was given', () => {
    const requests = [
      { latencyUs: 1, failed: true, status: 200 },
      ...[429, 429, 500, 504, 200].map((status) => ({ latencyUs: 1, status })),
    ]
    expect(counted({ kind: 'availability', badStatuses: null }, requests)).toEqual({
      ...{ valid: 6, bad: 1 },
    })
    const badStatuses = [
      { from: 429, to: 429 },
      { from: 500, to: 504 },
      { from: 503, to: 599 },
    ]
    expect(counted({ kind: 'availability', badStatuses }, requests)).toEqual({ valid: 6, bad: 4 })
  })

  it('of uptime counts checks', () => {
    expect(counted({ kind: 'uptime' }, [], { passed: 27, failed: 2 })).toEqual({
      ...{ valid: 29, bad: 2 },
    })
  })

  it('of latency calls the slot that holds the threshold under it', () => {
    const at = (latencyUs: number) =>
      counted({ kind: 'latency', thresholdUs: 500_000 }, [{ latencyUs }])
    expect(effectiveThresholdUs(500_000)).toBe(501_759)
    expect([500_000, 501_759, 501_760].map((us) => at(us).bad)).toEqual([0, 0, 1])
  })

  it('of latency calls what is over the range slow, whatever the threshold', () => {
    const overUs = shape.highestUs + 1
    for (const thresholdUs of [1, shape.highestUs, 2 * shape.highestUs])
      expect(counted({ kind: 'latency', thresholdUs }, [{ latencyUs: overUs }])).toEqual({
        ...{ valid: 1, bad: 1 },
      })
  })

  it('of job latency looks at operations that match alone', () => {
    const requests = [
      { operation: 'job:nightly', latencyUs: 9_000_000 },
      { operation: 'job:nightly', latencyUs: 11_000_000 },
      { operation: 'job:hourly', latencyUs: 1 },
      { operation: 'GET /job:', latencyUs: 99_000_000 },
    ]
    const jobs = { kind: 'job-latency', thresholdUs: 10_000_000, operations: 'job:*' } as const
    expect(counted(jobs, requests)).toEqual({ valid: 3, bad: 1 })
  })

  it('counts what single requests say', () => {
    const request: fc.Arbitrary<SeenRequest> = fc.record({
      latencyUs: fc.oneof(fc.nat(700_000_000), fc.nat(1000)),
      failed: fc.boolean(),
      status: fc.constantFrom(200, 404, 429, 500, 504),
      operation: fc.constantFrom('job:a', 'job:b', 'GET /'),
    })
    const threshold = fc.oneof(fc.nat(600_000_000), fc.nat(1000))
    fc.assert(
      fc.property(fc.array(request), threshold, (requests, thresholdUs) => {
        const isSlow = ({ latencyUs }: SeenRequest): boolean =>
          latencyUs > shape.highestUs || latencyUs > effectiveThresholdUs(thresholdUs)
        const expected = (of: readonly SeenRequest[], isBad: (one: SeenRequest) => boolean) => ({
          ...{ valid: of.length, bad: of.filter(isBad).length },
        })
        const jobs = requests.filter(({ operation }) => operation?.startsWith('job:'))
        expect(counted({ kind: 'latency', thresholdUs }, requests)).toEqual(
          expected(requests, isSlow),
        )
        expect(
          counted({ kind: 'job-latency', thresholdUs, operations: 'job:*' }, requests),
        ).toEqual(expected(jobs, isSlow))
        expect(
          counted({ kind: 'availability', badStatuses: [{ from: 429, to: 500 }] }, requests),
        ).toEqual(expected(requests, ({ status = 0 }) => status === 429 || status === 500))
      }),
    )
  })
})
