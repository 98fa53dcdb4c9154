import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import {
  contentId,
  defaultLayout,
  digestOf,
  type HealthWindowClosed,
  type InputRange,
  type OperationCounts,
  type RequestCounts,
  type RequestWindowClosed,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { windowJson } from './window-json.ts'

const shape = defaultLayout.histogram

const input: InputRange = {
  topic: 'requests',
  partition: 0,
  firstOffset: 1,
  lastOffset: 2,
  records: 2,
  events: 4,
  digest: digestOf(0, 1),
}

const countsOf = (latenciesUs: readonly number[], failed: number): RequestCounts => {
  const histogram = emptyHistogram(shape)
  for (const latencyUs of latenciesUs) record(histogram, latencyUs)
  const statuses = [
    { status: 200, events: latenciesUs.length - failed },
    { status: 500, events: failed },
  ]
  return {
    total: latenciesUs.length,
    failed,
    statuses: statuses.filter(({ events }) => events > 0),
    overRange: histogram.overRange,
    latencyUsMax: latenciesUs.length === 0 ? null : histogram.maxUs,
    histogram: encodeV2(histogram),
  }
}

const common = {
  cause: { topic: 'requests' as const, partition: 0, offset: 9, index: 0 },
  id: contentId('window'),
  service: 'checkout',
  overflow: false,
  windowStartUs: 1_795_230_000_000_000,
  windowEndUs: 1_795_230_010_000_000,
  identityChecked: true,
  incomplete: false,
  input,
}

const operation = (name: string, overflow = false): OperationCounts => ({
  operation: name,
  overflow,
  ...countsOf([100, 200], 1),
})

const requests: RequestWindowClosed = {
  type: 'RequestWindowClosed',
  ...common,
  ...countsOf([100, 100, 200, 200], 2),
  operations: [operation('', false), operation('GET /cart')],
}

const checks: HealthWindowClosed = {
  type: 'HealthWindowClosed',
  ...common,
  passed: 10,
  failed: 1,
  checks: [],
}

const window = { start: '2026-11-21T03:00:00Z', end: '2026-11-21T03:00:10Z' }
const exactly = (us: number) => ({ valueUs: us, lowUs: us, highUs: us })
const ofOperation = {
  total: 2,
  failed: 1,
  statuses: { '200': 1, '500': 1 },
  overRange: 0,
  latency: {
    count: 2,
    p50: exactly(100),
    p95: exactly(200),
    p99: exactly(200),
    p999: exactly(200),
    maxUs: 200,
  },
}

describe('windowJson', () => {
  it('gives the shape of a request window', () => {
    expect(windowJson(requests, shape)).toEqual({
      source: 'requests',
      service: 'checkout',
      window,
      total: 4,
      failed: 2,
      statuses: { '200': 2, '500': 2 },
      overRange: 0,
      latency: { ...ofOperation.latency, count: 4 },
      operations: [
        { operation: null, ...ofOperation },
        { operation: 'GET /cart', ...ofOperation },
      ],
    })
  })

  it('gives the shape of a health-check window', () => {
    expect(windowJson(checks, shape)).toEqual({
      source: 'health-checks',
      service: 'checkout',
      window,
      passed: 10,
      failed: 1,
    })
  })

  it('keeps the fields in the order of the documents', () => {
    expect(JSON.stringify(windowJson(requests, shape))).toMatch(
      /^{"source":"requests","service":"checkout","window":{"start":"2026-11-21T03:00:00Z","end":"2026-11-21T03:00:10Z"},"total":4,"failed":2,"statuses":{.*},"overRange":0,"latency":{"count":4,"p50":{"valueUs":100,"lowUs":100,"highUs":100},.*"maxUs":200},"operations":\[/,
    )
  })

  it('finds the latency of an empty window absent', () => {
    const empty = { ...requests, ...countsOf([], 0), operations: [] }
    expect(windowJson(empty, shape)).toMatchObject({ total: 0, latency: null, statuses: {} })
  })

  it('marks rows above a cap and unchecked identities', () => {
    const marked = {
      ...requests,
      overflow: true,
      identityChecked: false,
      operations: [operation('', true)],
    }
    expect(windowJson(marked, shape)).toMatchObject({
      overflow: true,
      identityChecked: false,
      operations: [{ operation: null, overflow: true }],
    })
  })
})
