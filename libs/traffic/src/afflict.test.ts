import { describe, expect, it } from '@jest/globals'
import type { HealthChecked, RequestObserved } from '@tidemark/model'
import { afflict, type SentEvent } from './afflict.ts'
import { faultByName, type Fault, type LoneFaultName } from './fault.ts'
import type { TrafficEvent } from './service-events.ts'
import type { Surge } from './surge.ts'

const second = 1_000_000
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const request = (n: number): RequestObserved => ({
  type: 'RequestObserved',
  id: uuid(n),
  service: 'checkout',
  operation: 'GET /cart',
  atUs: 1000 * second + n * 10_000,
  latencyUs: 5000,
  status: 200,
  success: true,
})

const check = (n: number): HealthChecked => ({
  type: 'HealthChecked',
  id: uuid(n),
  service: 'checkout',
  check: 'http',
  atUs: 1000 * second + n * 10_000,
  passed: true,
  latencyUs: 3000,
  reason: null,
})

/** 1,000 events in 10 s; the fault lasts from the 300th to the 600th. */
const requests = Array.from({ length: 1000 }, (_, n) => request(n))
const checks = Array.from({ length: 1000 }, (_, n) => check(n))
const during = (fault: LoneFaultName): Fault =>
  faultByName(fault, 'checkout', requests[300]!.atUs, requests[600]!.atUs)

/** Beside it a neighbour gets 50 more requests in the first second of the fault, 100 in the second one, and then none. */
const surge: Surge = {
  perSecond: 50,
  timesUs: () => [
    ...Array.from({ length: 50 }, (_, n) => requests[300]!.atUs + n * 20_000),
    ...Array.from({ length: 100 }, (_, n) => requests[400]!.atUs + n * 10_000),
  ],
}
const options = { seed: 1, startUs: 1000 * second, surge: () => surge }

const under = (events: readonly TrafficEvent[], ...faults: Fault[]): readonly SentEvent[] => [
  ...afflict(events, faults, { ...options, purpose: 'requests' }),
]

/** What the fault left as it was, outside and inside of its interval. */
const eventsOf = (sent: readonly SentEvent[]): readonly TrafficEvent[] =>
  sent.map(({ event }) => event)

it('sends everything when it happens while nothing is wrong', () => {
  expect(under(requests)).toEqual(requests.map((event) => ({ sentUs: event.atUs, event })))
})

it('slows requests and checks down', () => {
  const slow = eventsOf(under(requests, during('latency')))
  expect(slow.map(({ latencyUs }) => latencyUs)).toEqual(
    requests.map((_, n) => (n >= 300 && n < 600 ? 40_000 : 5000)),
  )
  expect(eventsOf(under(checks, during('latency')))[300]!.latencyUs).toBe(24_000)
})

it('slows down more and more while latency creeps', () => {
  const creeping = eventsOf(under(requests, during('latency-creep')))
  // 20 times at the end: at the n-th of 300 events 1 + 19 n / 300.
  expect(creeping.map(({ latencyUs }) => latencyUs)).toEqual(
    requests.map((_, n) =>
      n >= 300 && n < 600 ? Math.round(5000 * (1 + (19 * (n - 300)) / 300)) : 5000,
    ),
  )
  expect(eventsOf(under(requests, during('clock-skew'), during('latency-creep')))[450]).toEqual({
    ...requests[450],
    latencyUs: 52_500,
    atUs: requests[450]!.atUs + 90 * second,
  })
})

it('slows down beside a noisy neighbour, in proportion to what that got in the last second', () => {
  const noisy: Fault = {
    ...during('latency'),
    ...{ fault: 'noisy-neighbour', neighbour: 'reports', surgeTimes: 6, times: 3 },
  }
  const slow = eventsOf(under(requests, noisy)).map(({ latencyUs }) => latencyUs)
  expect(slow.slice(0, 300)).toEqual(requests.slice(0, 300).map(() => 5000))
  // One of 50 a second in the first moment, all of them a second later, twice as many after another one, none in the end.
  expect([slow[300], slow[399], slow[499], slow[599]]).toEqual([5200, 15_000, 25_000, 5000])
  expect(slow[600]).toBe(5000)
})

it('makes a share of the requests fail in a burst, and says that they failed', () => {
  const burst = eventsOf(under(requests, during('error-burst')))
  const failed = burst.flatMap((event, n) =>
    event.type === 'RequestObserved' && !event.success ? [{ n, status: event.status }] : [],
  )
  expect(failed.length).toBeGreaterThan(90)
  expect(failed.length).toBeLessThan(150)
  expect(failed.every(({ n }) => n >= 300 && n < 600)).toBe(true)
  expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([429, 500, 504]))
  expect(under(checks, during('error-burst'))).toEqual(under(checks))
})

it('fails every request and check of a service that is down', () => {
  expect(eventsOf(under(requests, during('down')))[300]).toEqual({
    ...requests[300],
    status: 504,
    success: false,
  })
  expect(eventsOf(under(checks, during('down')))[599]).toEqual({
    ...checks[599],
    passed: false,
    latencyUs: null,
    reason: 'connection refused',
  })
  expect(eventsOf(under(checks, during('down')))[600]).toEqual(checks[600])
})

it('fails everything now and nothing then while it flaps', () => {
  const flapping: Fault = {
    ...during('down'),
    ...{ fault: 'flapping', periodUs: second, downUs: second / 4 },
  }
  const down = eventsOf(under(requests, flapping)).flatMap((event, n) =>
    event.type === 'RequestObserved' && !event.success ? [n] : [],
  )
  expect(down).toEqual(
    [300, 400, 500].flatMap((from) => Array.from({ length: 25 }, (_, n) => from + n)),
  )
  expect(
    eventsOf(under(checks, flapping)).filter((event) => 'passed' in event && !event.passed),
  ).toHaveLength(75)
})

describe('a retry storm', () => {
  const storm: Fault = {
    ...during('down'),
    ...{ fault: 'retry-storm', errorPpm: 800_000, retriesMax: 3, backoffUs: 100_000 },
  }
  // Each request has a latency of its own, by which its retries are known.
  const distinct = requests.map((event, n) => ({ ...event, latencyUs: 5000 + n }))
  const sent = under(distinct, storm)
  const triesOf = distinct.map(({ latencyUs }) =>
    sent.filter(({ event }) => event.latencyUs === latencyUs),
  )
  const succeeds = ({ event }: SentEvent): boolean =>
    event.type === 'RequestObserved' && event.success

  it('makes no more of what is outside of it', () => {
    const isOutside = (_: unknown, n: number): boolean => n < 300 || n >= 600
    expect(eventsOf(triesOf.filter(isOutside).flat())).toEqual(distinct.filter(isOutside))
    expect(under(checks, storm)).toEqual(under(checks))
  })

  it('makes each request again that fails, until it succeeds or was tried often enough', () => {
    for (const tries of triesOf) {
      expect(tries.length).toBeLessThanOrEqual(4)
      expect(tries.slice(0, -1).some(succeeds)).toBe(false)
      expect(succeeds(tries.at(-1)!) || tries.length === 4).toBe(true)
    }
    // 1 + 0.8 + 0.8^2 + 0.8^3 = 2.95 tries a request, but that what is tried after the fault succeeds.
    const tries = triesOf.slice(300, 600).flat().length
    expect(tries).toBeGreaterThan(2.3 * 300)
    expect(tries).toBeLessThan(3.1 * 300)
  })

  it('waits twice as long before each retry, and up to twice of that by chance', () => {
    for (const tries of triesOf)
      for (const [n, { sentUs, event }] of tries.entries()) {
        expect(event.atUs).toBe(sentUs)
        if (n === 0) continue
        const pauseUs = sentUs - tries[n - 1]!.sentUs
        expect(pauseUs).toBeGreaterThanOrEqual(100_000 * 2 ** (n - 1))
        expect(pauseUs).toBeLessThanOrEqual(200_000 * 2 ** (n - 1))
      }
  })

  it('gives each try an id of its own, the first one that of the request', () => {
    expect(triesOf.map(([first]) => first!.event.id)).toEqual(distinct.map(({ id }) => id))
    expect(new Set(sent.map(({ event }) => event.id)).size).toBe(sent.length)
  })

  it('ends with the fault: what is tried again after it succeeds', () => {
    const after = sent.filter(({ sentUs }) => sentUs >= storm.toUs)
    expect(after.length).toBeGreaterThan(400)
    expect(after.every(succeeds)).toBe(true)
  })
})

it('sends nothing of a silent producer', () => {
  expect(eventsOf(under(requests, during('silent-producer')))).toEqual([
    ...requests.slice(0, 300),
    ...requests.slice(600),
  ])
})

it('moves the times of events, and not of their sending, when a clock is wrong', () => {
  const skewed = under(requests, during('clock-skew'))
  expect(skewed.map(({ sentUs }) => sentUs)).toEqual(requests.map(({ atUs }) => atUs))
  expect(skewed[300]!.event.atUs).toBe(requests[300]!.atUs + 90 * second)
  expect(skewed[600]!.event.atUs).toBe(requests[600]!.atUs)
})

it('sends a share of the events twice, with the same id', () => {
  const sent = under(requests, during('duplicates'))
  const again = sent.filter(({ sentUs, event }) => sentUs > event.atUs)
  expect(again.length).toBeGreaterThan(35)
  expect(again.length).toBeLessThan(90)
  expect(sent).toHaveLength(1000 + again.length)
  for (const { sentUs, event } of again) {
    expect(requests).toContainEqual(event)
    expect(sentUs).toBe(event.atUs + second / 4)
  }
})

it('sends a share of the events late, all of them once', () => {
  const sent = under(requests, during('late-events'))
  const late = sent.filter(({ sentUs, event }) => sentUs === event.atUs + 20 * second)
  expect(late.length).toBeGreaterThan(15)
  expect(late.length).toBeLessThan(50)
  expect(
    eventsOf(sent)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(requests.map(({ id }) => id))
  expect(sent.slice(-late.length)).toEqual(late)
})

it('applies faults that overlap one after the other', () => {
  const both = under(requests, during('latency'), during('clock-skew'))
  expect(both[300]!.event).toEqual({
    ...requests[300],
    latencyUs: 40_000,
    atUs: requests[300]!.atUs + 90 * second,
  })
})

it('stops rather than holding an unbounded number of delayed events', () => {
  function* endless(): Generator<RequestObserved> {
    for (let n = 0; ; n++) yield { ...request(0), id: uuid(n) }
  }
  const all: Fault = {
    service: 'checkout',
    fromUs: 0,
    toUs: 2000 * second,
    detect: null,
    fault: 'late-events',
    sharePpm: 1_000_000,
    delayUs: 1,
  }
  const walk = afflict(endless(), [all], { ...options, purpose: 'requests' })
  expect(() => walk.next()).toThrow(/over 100000 events of checkout are delayed/)
})
