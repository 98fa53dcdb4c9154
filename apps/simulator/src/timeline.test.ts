import { describe, expect, it } from '@jest/globals'
import { faultByName, live, trafficOf, type TrafficEvent } from '@tidemark/traffic'
import fc from 'fast-check'
import { timelineOf, type TimelineEvent } from './timeline.ts'

const second = 1_000_000
const startUs = 1_800_000_000 * second
const fault = faultByName('latency', 'api-gateway', startUs + second, startUs + 2 * second)
const traffic = trafficOf(live({ startUs, durationUs: 60 * second, rhythm: null }), {
  faults: [fault],
})
const all = [...traffic.events()].map(({ event }) => event)
const everything = 1_000_000

const walk = (timesUs: readonly number[], max = everything) => {
  const observed: TimelineEvent[] = []
  const timeline = timelineOf(traffic, (event) => observed.push(event))
  return { taken: timesUs.map((nowUs) => timeline.take(nowUs, max)), observed }
}

describe('timelineOf', () => {
  it('gives every event once, when it is due, whenever it is asked', () => {
    const anySteps = fc.array(fc.integer({ min: 0, max: 2 * second }), {
      minLength: 1,
      maxLength: 40,
    })
    fc.assert(
      fc.property(anySteps, (stepsUs) => {
        let nowUs = startUs
        const timesUs = stepsUs.map((stepUs) => (nowUs += stepUs))
        const { taken, observed } = walk(timesUs)
        expect(taken.flat()).toEqual(all.filter(({ atUs }) => atUs <= nowUs))
        for (const [i, events] of taken.entries())
          for (const { atUs } of events) {
            expect(atUs).toBeLessThanOrEqual(timesUs[i]!)
            expect(atUs).toBeGreaterThan(timesUs[i - 1] ?? 0)
          }
        expect(observed.filter(({ kind }) => kind === 'moved')).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  it('gives no more than is asked for, and goes on with the rest', () => {
    const nowUs = startUs + 2 * second
    const due = all.filter(({ atUs }) => atUs <= nowUs)
    const { taken } = walk(
      Array.from({ length: Math.ceil(due.length / 7) }, () => nowUs),
      7,
    )
    expect(taken.every(({ length }) => length <= 7)).toBe(true)
    expect(taken.flat()).toEqual(due)
  })

  it('moves everything later after a pause, instead of a burst', () => {
    const { taken, observed } = walk([
      startUs + second,
      startUs + 3601 * second,
      startUs + 3602 * second,
    ])
    expect(observed).toContainEqual({ kind: 'moved', byUs: 3600 * second })
    expect(taken[1]).toEqual([])
    const expected = all
      .filter(({ atUs }) => atUs > startUs + second && atUs <= startUs + 2 * second)
      .map((event): TrafficEvent => ({ ...event, atUs: event.atUs + 3600 * second }))
    expect(taken[2]).toEqual(expected)
  })

  it('goes on at once when the clock is set back', () => {
    const { taken, observed } = walk([
      startUs + second,
      startUs - 59 * second,
      startUs - 58 * second,
    ])
    expect(observed).toContainEqual({ kind: 'moved', byUs: -60 * second })
    expect(taken[2]!.length).toBeGreaterThan(50)
    for (const { atUs } of taken[2]!) expect(atUs).toBeLessThanOrEqual(startUs - 58 * second)
  })

  it('tells of a fault when it begins, in the time that it has then', () => {
    const pause = 100 * second
    const { observed } = walk([
      startUs + second / 2,
      startUs + second / 2 + pause,
      startUs + second + pause,
    ])
    expect(observed).toEqual([
      { kind: 'moved', byUs: pause },
      {
        kind: 'fault',
        truth: {
          service: 'api-gateway',
          fault: 'latency',
          detect: 'warning',
          fromUs: fault.fromUs + pause,
          toUs: fault.toUs + pause,
        },
      },
    ])
  })
})
