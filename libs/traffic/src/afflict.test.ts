import { expect, it } from '@jest/globals'
import type { HealthChecked, RequestObserved } from '@tidemark/model'
import { afflict, type SentEvent } from './afflict.ts'
import { faultByName, type Fault, type FaultName } from './fault.ts'
import type { TrafficEvent } from './service-events.ts'

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
const during = (fault: FaultName): Fault =>
  faultByName(fault, 'checkout', requests[300]!.atUs, requests[600]!.atUs)

const under = (events: readonly TrafficEvent[], ...faults: Fault[]): readonly SentEvent[] => [
  ...afflict(events, faults, { seed: 1, startUs: 1000 * second, purpose: 'requests' }),
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
    fault: 'late-events',
    sharePpm: 1_000_000,
    delayUs: 1,
  }
  const walk = afflict(endless(), [all], { seed: 1, startUs: 0, purpose: 'requests' })
  expect(() => walk.next()).toThrow(/over 100000 events of checkout are delayed/)
})
