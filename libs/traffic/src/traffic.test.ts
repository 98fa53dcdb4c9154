import { describe, expect, it } from '@jest/globals'
import { sha256 } from '@tidemark/model'
import fc from 'fast-check'
import type { SentEvent } from './afflict.ts'
import { faultByName, loneFaultNames, truthOf, usualFaults, type Fault } from './fault.ts'
import { occasionalFaultNames } from './occasional-faults.ts'
import { services, type ServiceProfile } from './profile.ts'
import { capstone, live, virtualStartUs, type Scenario } from './scenario.ts'
import { trafficOf, type Traffic } from './traffic.ts'

const second = 1_000_000
const minute = live({ durationUs: 60 * second, rhythm: null })

const eventsOf = (traffic: Traffic): readonly SentEvent[] => [...traffic.events()]
const ofService = (sent: readonly SentEvent[], service: string): readonly SentEvent[] =>
  sent.filter(({ event }) => event.service === service)

const anySeed = fc.nat()
const anyServices = fc.subarray([...services], { minLength: 1 })
const anyLoneFault: fc.Arbitrary<Fault> = fc
  .tuple(
    fc.constantFrom(...loneFaultNames),
    fc.constantFrom(...services.map(({ service }) => service)),
    fc.nat(50 * second),
    fc.integer({ min: 1, max: 30 * second }),
  )
  .map(([name, service, from, length]) =>
    faultByName(name, service, virtualStartUs + from, virtualStartUs + from + length),
  )
const anyFault: fc.Arbitrary<Fault> = fc
  .tuple(anyLoneFault, fc.boolean(), fc.constantFrom(...services.map(({ service }) => service)))
  .map(([fault, isNoisy, neighbour]) =>
    isNoisy && neighbour !== fault.service
      ? { ...fault, fault: 'noisy-neighbour', neighbour, surgeTimes: 5, times: 4 }
      : fault,
  )
const small = live({ durationUs: 60 * second, rhythm: null, rate: 0.1 })

describe('trafficOf', () => {
  it('means the same by a seed for ever', () => {
    const digestOf = (scenario: Scenario, faults: readonly Fault[] = []): string =>
      sha256(
        eventsOf(trafficOf(scenario, { faults }))
          .map((sent) => JSON.stringify(sent))
          .join('\n'),
      )
    expect(digestOf(capstone())).toBe(
      'd2722c5cc7099df68f8b8e405148fb6c146d85c106f8dbca782a741d8473583f',
    )
    expect(digestOf(live({ durationUs: 600 * second, rate: 0.1 }))).toBe(
      '4e85a4befc6042adb4e28c9d80e75559c6ed9b9b838d9ab8fabd06ec968ff8fa',
    )
    const fromUs = virtualStartUs + 10 * second
    const every = loneFaultNames.map((name, n) =>
      faultByName(name, services[n % services.length]!.service, fromUs, fromUs + 30 * second),
    )
    const noisy: Fault = {
      ...faultByName('latency', 'session-store', fromUs, fromUs + 40 * second),
      ...usualFaults['noisy-neighbour'],
      neighbour: 'api-gateway',
    }
    expect(digestOf(small, [...every, noisy])).toBe(
      '78d452e74f56f25ff126712e45e980ef3faf4b282e1a8750cd435d0d9837c533',
    )
  })

  it('is the same however often and in whatever pieces it is walked', () => {
    fc.assert(
      fc.property(anySeed, fc.array(fc.integer({ min: 1, max: 40 })), (seed, pieces) => {
        const traffic = trafficOf(small, { seed })
        const walk = traffic.events()[Symbol.iterator]()
        const taken: SentEvent[] = []
        for (const piece of pieces)
          for (let i = 0; i < piece; i++) {
            const next = walk.next()
            if (next.done !== true) taken.push(next.value)
          }
        expect(taken).toEqual(eventsOf(traffic).slice(0, taken.length))
      }),
      { numRuns: 20 },
    )
  })

  it('is sorted by the time of sending, faults or not, and of integers', () => {
    fc.assert(
      fc.property(anySeed, fc.array(anyFault, { maxLength: 5 }), (seed, faults) => {
        let lastUs = virtualStartUs
        for (const { sentUs, event } of trafficOf(small, { seed, faults }).events()) {
          expect(sentUs).toBeGreaterThanOrEqual(lastUs)
          lastUs = sentUs
          for (const value of [sentUs, event.atUs, event.latencyUs ?? 0])
            expect(Number.isSafeInteger(value) && value >= 0).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('changes nothing of a service when others come or go', () => {
    fc.assert(
      fc.property(anySeed, anyServices, (seed, some) => {
        const all = eventsOf(trafficOf(small, { seed }))
        const names = new Set(some.map(({ service }) => service))
        expect(eventsOf(trafficOf(small, { seed, services: some }))).toEqual(
          all.filter(({ event }) => names.has(event.service)),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('changes nothing outside of a fault, and takes nothing away but what is silenced', () => {
    fc.assert(
      fc.property(anySeed, anyFault, (seed, fault) => {
        const calm = eventsOf(trafficOf(small, { seed }))
        const ill = eventsOf(trafficOf(small, { seed, faults: [fault] }))
        const isTouched = ({ service, atUs }: SentEvent['event']): boolean =>
          service === fault.service && atUs >= fault.fromUs && atUs < fault.toUs
        const known = new Set(calm.map(({ event }) => event.id))
        const touched = new Set(
          calm.filter(({ event }) => isTouched(event)).map(({ event }) => event.id),
        )
        const untouched = ({ event: { id } }: SentEvent): boolean =>
          known.has(id) && !touched.has(id)
        expect(ill.filter(untouched)).toEqual(calm.filter(untouched))
        // What is new is a retry, or what the neighbour gets in addition.
        const more = ill.filter(({ event: { id } }) => !known.has(id))
        for (const { event } of more) {
          expect(event.service).toBe(
            fault.fault === 'noisy-neighbour' ? fault.neighbour : fault.service,
          )
          expect(event.atUs).toBeGreaterThanOrEqual(fault.fromUs)
        }
        if (fault.fault !== 'noisy-neighbour' && fault.fault !== 'retry-storm')
          expect(more).toEqual([])
        const left = new Set(ill.map(({ event: { id } }) => id))
        if (fault.fault !== 'silent-producer')
          expect([...known].filter((id) => !left.has(id))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('moves in time as a whole, but for the ids', () => {
    const byUs = 86_400 * second
    const from = virtualStartUs + 5 * second
    const faults: readonly Fault[] = [
      faultByName('late-events', 'api-gateway', virtualStartUs, virtualStartUs + second),
      faultByName('retry-storm', 'payment-service', from, from + 9 * second),
      {
        ...faultByName('latency', 'session-store', from, from + 9 * second),
        ...{ fault: 'noisy-neighbour', neighbour: 'api-gateway', surgeTimes: 3, times: 2 },
      },
    ]
    const moved = trafficOf(live({ ...small, startUs: virtualStartUs + byUs }), {
      faults: faults.map((one) => ({ ...one, fromUs: one.fromUs + byUs, toUs: one.toUs + byUs })),
    })
    const here = eventsOf(trafficOf(small, { faults }))
    const there = eventsOf(moved)
    expect(there.map(({ sentUs, event }) => ({ sentUs, event: { ...event, id: '' } }))).toEqual(
      here.map(({ sentUs, event }) => ({
        sentUs: sentUs + byUs,
        event: { ...event, id: '', atUs: event.atUs + byUs },
      })),
    )
    const ids = new Set(here.map(({ event }) => event.id))
    expect(there.some(({ event }) => ids.has(event.id))).toBe(false)
  })

  it('refuses what it cannot simulate', () => {
    const twice = [services[0], services[0]] as ServiceProfile[]
    const stranger = faultByName('down', 'nobody', 0, 1)
    const backwards = faultByName('down', 'api-gateway', 1, 0)
    const noisy = (neighbour: string, surgeTimes: number): Fault => ({
      ...faultByName('latency', 'api-gateway', 0, 1),
      ...{ fault: 'noisy-neighbour', neighbour, surgeTimes, times: 2 },
    })
    const still: Fault = {
      ...faultByName('down', 'api-gateway', 0, 1),
      ...{ fault: 'flapping', periodUs: 0, downUs: 1 },
    }
    expect(() => trafficOf(small, { seed: -1 })).toThrow(/seed -1/)
    expect(() => trafficOf(small, { services: twice })).toThrow(/api-gateway is there twice/)
    expect(() => trafficOf(small, { faults: [stranger] })).toThrow(/nobody, which is not simulated/)
    expect(() => trafficOf(small, { faults: [backwards] })).toThrow(/ends before it begins/)
    expect(() => trafficOf(small, { faults: [noisy('nobody', 2)] })).toThrow(/neighbour nobody/)
    expect(() => trafficOf(small, { faults: [noisy('api-gateway', 2)] })).toThrow(/no other/)
    expect(() => trafficOf(small, { faults: [noisy('session-store', 1)] })).toThrow(/not above 1/)
    expect(() => trafficOf(small, { faults: [still] })).toThrow(/period of 0 us/)
    expect(() => capstone({ requests: 1.5 })).toThrow(/requests 1.5/)
    expect(() => capstone({ startUs: 1 })).toThrow(/not the start of a window/)
    expect(() => live({ rate: 0 })).toThrow(/rate 0/)
  })
})

describe('capstone', () => {
  it('gives each service its requests and checks within one window', () => {
    const sent = eventsOf(trafficOf(capstone({ requests: 200 })))
    expect(sent).toHaveLength(services.length * 400)
    for (const { service } of services) {
      const mine = ofService(sent, service)
      expect(mine.filter(({ event }) => event.type === 'RequestObserved')).toHaveLength(200)
      expect(mine.filter(({ event }) => event.type === 'HealthChecked')).toHaveLength(200)
    }
    for (const { sentUs, event } of sent) {
      expect(sentUs).toBe(event.atUs)
      expect(Math.floor(event.atUs / (10 * second))).toBe(virtualStartUs / (10 * second))
    }
  })

  it('draws latencies of at least a millisecond around the base', () => {
    const sent = ofService(eventsOf(trafficOf(capstone({ requests: 5000 }))), 'payment-service')
    const latencies = sent
      .flatMap(({ event }) => (event.type === 'RequestObserved' ? [event.latencyUs] : []))
      .sort((a, b) => a - b)
    expect(latencies[0]).toBeGreaterThanOrEqual(1000)
    expect(Math.abs(latencies[2500]! - 200_000)).toBeLessThan(5000)
    expect(Math.abs(latencies[4206]! - 260_000)).toBeLessThan(5000)
  })
})

describe('live', () => {
  it('has Poisson arrivals at the rate of the profile', () => {
    const sent = eventsOf(trafficOf(live({ durationUs: 1000 * second, rhythm: null })))
    const requests = ofService(sent, 'api-gateway').filter(
      ({ event }) => event.type === 'RequestObserved',
    )
    const perSecond = new Float64Array(1000)
    for (const { event } of requests) perSecond[((event.atUs - virtualStartUs) / second) | 0]!++
    const mean = requests.length / 1000
    const variance = perSecond.reduce((sum, n) => sum + (n - mean) ** 2, 0) / 1000
    expect(Math.abs(mean - 40)).toBeLessThan(1)
    // A Poisson process: the variance of its counts is their mean.
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.15)
  })

  it('gives a noisy neighbour so many times the requests, and only while it is noisy', () => {
    const fromUs = virtualStartUs + 100 * second
    const fault: Fault = {
      ...faultByName('latency', 'payment-service', fromUs, fromUs + 100 * second),
      ...{ fault: 'noisy-neighbour', neighbour: 'session-store', surgeTimes: 3, times: 4 },
    }
    const scenario = live({ durationUs: 250 * second, rhythm: null })
    const calm = eventsOf(trafficOf(scenario))
    const noisy = eventsOf(trafficOf(scenario, { faults: [fault] }))
    const inFault = ({ event }: SentEvent): boolean =>
      event.type === 'RequestObserved' && event.atUs >= fromUs && event.atUs < fault.toUs
    const requestsOf = (sent: readonly SentEvent[], service: string): readonly SentEvent[] =>
      ofService(sent, service).filter(inFault)
    const timesAs = (value: number, than: number): number => value / than
    const [more, before] = [noisy, calm].map((sent) => requestsOf(sent, 'session-store').length)
    expect(Math.abs(timesAs(more!, before!) - 3)).toBeLessThan(0.1)
    const [slow, fast] = [noisy, calm].map((sent) =>
      requestsOf(sent, 'payment-service').reduce((sum, { event }) => sum + event.latencyUs!, 0),
    )
    expect(Math.abs(timesAs(slow!, fast!) - 4)).toBeLessThan(0.2)
    expect(ofService(noisy, 'api-gateway')).toEqual(ofService(calm, 'api-gateway'))
  })

  it('checks each service once a second and ends in time', () => {
    const sent = eventsOf(trafficOf(minute))
    for (const { service } of services)
      expect(
        ofService(sent, service).filter(({ event }) => event.type === 'HealthChecked'),
      ).toHaveLength(60)
    expect(sent.at(-1)!.sentUs).toBeLessThan(virtualStartUs + 60 * second)
  })

  it('checks a service as often as its profile says', () => {
    const [rarely, never] = [5 * second, null].map((checkEveryUs) => ({
      ...services[0]!,
      service: `every-${checkEveryUs ?? 'never'}`,
      checkEveryUs,
    }))
    const sent = eventsOf(trafficOf(minute, { services: [rarely!, never!] }))
    const checks = sent.filter(({ event }) => event.type === 'HealthChecked')
    expect(checks.map(({ event }) => event.service)).toEqual(Array(12).fill('every-5000000'))
  })

  it('has faults now and then, one at a time per service, and none while it is young', () => {
    const faults = [...trafficOf(live({ durationUs: 40_000 * second })).faults()]
    expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(occasionalFaultNames))
    expect(faults).toEqual([...faults].sort((a, b) => a.fromUs - b.fromUs))
    for (const { service } of services) {
      let lastUs = virtualStartUs + 120 * second
      for (const { fromUs, toUs } of faults.filter((fault) => fault.service === service)) {
        expect(fromUs).toBeGreaterThan(lastUs)
        lastUs = toUs
      }
    }
  })

  it('goes on for ever unless it is told when to end', () => {
    let taken = 0
    for (const { sentUs } of trafficOf(live()).events()) {
      if (sentUs > virtualStartUs + 300 * second) break
      taken++
    }
    expect(taken).toBeGreaterThan(30_000)
  })
})

describe('truthOf', () => {
  it('says who, what, from when and to when, and nothing of how much', () => {
    expect(truthOf(faultByName('latency', 'api-gateway', 5, 9))).toEqual({
      service: 'api-gateway',
      fault: 'latency',
      fromUs: 5,
      toUs: 9,
      detect: 'warning',
    })
  })
})
