import { defaultConfiguration, type Signals } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { signals } from './testing/signals.ts'
import { newTracker, track, type HealthTracker } from './tracker.ts'

const windowUs = 10_000_000

/** The tracker after each of the windows. */
const run = (windows: readonly Signals[], settings = defaultConfiguration): HealthTracker[] => {
  const after: HealthTracker[] = []
  let tracker = newTracker(windowUs)
  windows.forEach((window, index) => {
    tracker = track(tracker, window, (index + 1) * windowUs, settings)
    after.push(tracker)
  })
  return after
}

const statuses = (windows: readonly Signals[], settings = defaultConfiguration): string[] =>
  run(windows, settings).map(({ status, stale }) => (stale ? `${status}, stale` : status))

const errors = (failed: number): Signals => signals({ requests: 1000, failed })
const checks = (passed: number, total: number): Signals => signals({ checks: total, passed })
const nothing = signals({})

describe('health tracker', () => {
  it('begins with the classification alone', () => {
    expect(statuses([errors(60)])).toEqual(['degraded'])
    expect(statuses([nothing, nothing, errors(200)])).toEqual(['unknown', 'unknown', 'critical'])
  })

  it('begins down with a single failed check', () => {
    expect(statuses([checks(4, 5)])).toEqual(['down'])
  })

  it('worsens at once', () => {
    expect(statuses([errors(0), errors(60), errors(101)])).toEqual([
      'healthy',
      'degraded',
      'critical',
    ])
  })

  it('goes down only with 2 failed checks in the horizon', () => {
    expect(statuses([checks(6, 6), checks(5, 6), checks(4, 6)])).toEqual([
      'healthy',
      'healthy',
      'down',
    ])
  })

  it('improves after 3 windows in a row past the exit thresholds', () => {
    expect(statuses([errors(60), errors(39), errors(39), errors(39)])).toEqual([
      'degraded',
      'degraded',
      'degraded',
      'healthy',
    ])
  })

  it('begins to count again when a window is not past the exit', () => {
    const windows = [60, 39, 39, 40, 39, 39, 39].map(errors)
    expect(statuses(windows).at(-2)).toBe('degraded')
    expect(statuses(windows).at(-1)).toBe('healthy')
  })

  it('does not improve at the exit thresholds themselves', () => {
    const hold = (enter: Signals, at: Signals): string | undefined =>
      statuses([enter, at, at, at, at, at]).at(-1)
    expect(hold(errors(60), errors(40))).toBe('degraded')
    expect(hold(errors(200), errors(80))).toBe('critical')
    const slow = (p99Us: number): Signals => signals({ requests: 1000, p99Us })
    expect(hold(slow(600_000), slow(450_000))).toBe('degraded')
    expect(hold(slow(600_000), slow(449_999))).toBe('healthy')
    expect(hold(slow(2_000_000), slow(900_000))).toBe('critical')
    expect(hold(slow(2_000_000), slow(899_999))).toBe('degraded')
  })

  it('comes up again at 98 % exactly', () => {
    const down = checks(90, 100)
    expect(statuses([down, ...Array<Signals>(3).fill(checks(98, 100))]).at(-1)).toBe('healthy')
    expect(statuses([down, ...Array<Signals>(3).fill(checks(979, 1000))]).at(-1)).toBe('down')
  })

  it('improves to the worst classification among those three', () => {
    expect(statuses([200, 10, 60, 10].map(errors)).at(-1)).toBe('degraded')
    const both = (failed: number): Signals =>
      signals({ requests: 1000, failed, checks: 100, passed: 100 })
    const down = signals({ requests: 1000, failed: 0, checks: 100, passed: 50 })
    expect(statuses([down, both(0), both(150), both(60)]).at(-1)).toBe('critical')
  })

  it('tells since which window the status holds', () => {
    const [, second, third] = run([errors(0), errors(60), errors(60)])
    expect([second?.sinceUs, third?.sinceUs]).toEqual([2 * windowUs, 2 * windowUs])
  })

  it('holds the status, stale, while the signal that caused it is absent', () => {
    expect(statuses([errors(60), nothing, nothing])).toEqual([
      'degraded',
      'degraded, stale',
      'degraded, stale',
    ])
    expect(statuses([errors(60), checks(10, 10)])).toEqual(['degraded', 'degraded, stale'])
    expect(statuses([errors(0), nothing])).toEqual(['healthy', 'healthy, stale'])
    expect(statuses([errors(0), checks(10, 10)])).toEqual(['healthy', 'healthy'])
  })

  it('does not count an absent window towards improvement', () => {
    const windows = [errors(60), errors(10), errors(10), nothing, errors(10), errors(10)]
    expect(statuses(windows).at(-1)).toBe('degraded')
    expect(statuses([...windows, errors(10)]).at(-1)).toBe('healthy')
  })

  it('worsens while stale when another signal says so', () => {
    expect(statuses([errors(60), checks(0, 10)])).toEqual(['degraded', 'down'])
  })

  it('comes back to what it held when the worse signal is over', () => {
    const up = checks(10, 10)
    expect(statuses([errors(200), checks(0, 10), up, up, up])).toEqual([
      'critical',
      'down',
      'down',
      'down',
      'critical, stale',
    ])
  })

  it('is unknown after 10 minutes without the signal, whatever is well elsewhere', () => {
    const silent = Array<Signals>(60).fill(checks(10, 10))
    const after = statuses([errors(60), ...silent])
    expect(after.slice(1, 60)).toEqual(Array<string>(59).fill('degraded, stale'))
    expect(after.at(-1)).toBe('unknown')
    expect(statuses([errors(60), ...silent, ...silent]).at(-1)).toBe('unknown')
    expect(statuses([errors(60), ...silent, errors(10)]).at(-1)).toBe('healthy')
  })

  it('takes what is bad elsewhere once the held status has grown too old', () => {
    const silent = Array<Signals>(60).fill(errors(200))
    expect(statuses([checks(0, 10), ...silent]).at(-2)).toBe('down, stale')
    expect(statuses([checks(0, 10), ...silent]).at(-1)).toBe('critical')
  })

  it('is unknown when everything has been absent for 10 minutes', () => {
    const silent = Array<Signals>(60).fill(nothing)
    expect(statuses([errors(0), ...silent]).slice(-2)).toEqual(['healthy, stale', 'unknown'])
  })

  const anySignals = fc
    .record({
      requests: fc.option(fc.constant(1000), { nil: undefined }),
      failed: fc.integer({ min: 0, max: 250 }),
      p99Us: fc.constantFrom(1000, 449_999, 450_000, 500_001, 899_999, 950_000, 1_000_001),
      checks: fc.option(fc.constant(100), { nil: undefined }),
      passed: fc.integer({ min: 90, max: 100 }),
    })
    .map(({ requests, checks: total, ...rest }) =>
      signals({
        ...rest,
        ...(requests === undefined ? {} : { requests }),
        ...(total === undefined ? {} : { checks: total }),
      }),
    )

  it('does not oscillate on constant input', () => {
    fc.assert(
      fc.property(fc.array(anySignals, { maxLength: 10 }), anySignals, (past, constant) => {
        const windows = [...past, ...Array<Signals>(70).fill(constant)]
        const later = run(windows).slice(past.length)
        const changes = later.filter(
          ({ status }, index) => index > 0 && status !== later[index - 1]?.status,
        )
        // At most: held until unknown, or an improvement in steps, or a recovery to what was held and its end.
        expect(changes.length).toBeLessThanOrEqual(2)
        expect(later.at(-1)?.status).toBe(later.at(-8)?.status)
      }),
      { numRuns: 300 },
    )
  })
})
