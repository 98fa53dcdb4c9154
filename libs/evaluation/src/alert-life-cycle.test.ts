import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  neverFired,
  stepAlert,
  type AlertStep,
  type AlertTiming,
  type Verdict,
} from './alert-life-cycle.ts'

const windowUs = 10_000_000
const atOnce: AlertTiming = { forUs: 0, keepFiringForUs: 0 }
const minute: AlertTiming = { forUs: 6 * windowUs, keepFiringForUs: 0 }

/** `.` absent, `o` clear, `w` `c` `p` active with that severity, `-` a window that nobody watched. */
const verdicts: Readonly<Record<string, Verdict>> = {
  '.': { kind: 'absent' },
  o: { kind: 'clear' },
  w: { kind: 'active', severity: 'warning' },
  c: { kind: 'active', severity: 'critical' },
  p: { kind: 'active', severity: 'page' },
}

const steps = (windows: string, timing: AlertTiming): AlertStep[] => {
  const all: AlertStep[] = []
  let state = neverFired
  let watchedUs = 0
  for (const [index, letter] of Array.from(windows).entries()) {
    const verdict = verdicts[letter]
    if (verdict === undefined) continue
    watchedUs += windowUs
    const step = stepAlert(state, verdict, timing, {
      windowEndUs: (index + 1) * windowUs,
      watchedUs,
    })
    all.push(step)
    state = step.state
  }
  return all
}

const changes = (windows: string, timing: AlertTiming): string[] =>
  steps(windows, timing).map(({ change }) => change)

describe('alert life cycle', () => {
  it('raises at once without `for`', () => {
    expect(changes('ow', atOnce)).toEqual(['none', 'raised'])
  })

  it("raises when this window's end minus that of the first true window is `for`", () => {
    expect(changes('wwwwww', minute)).not.toContain('raised')
    expect(changes('wwwwwww', minute).at(-1)).toBe('raised')
  })

  it('begins anew after a clear window, and after an absent one', () => {
    expect(changes('wwwwwwowwwwww', minute)).not.toContain('raised')
    expect(changes('wwwwww.wwwwww', minute)).not.toContain('raised')
    expect(changes('wwwwww.wwwwwww', minute).at(-1)).toBe('raised')
  })

  it('does not count windows that nobody watched towards `for`', () => {
    expect(changes('www------www', minute)).not.toContain('raised')
    expect(changes('www------wwww', minute).at(-1)).toBe('raised')
  })

  it('leaves pending in silence', () => {
    expect(new Set(changes('wwwo', minute))).toEqual(new Set(['none']))
  })

  it('tells of Down, critical, healthy as one raise, one severity change, one resolve', () => {
    expect(changes('ppcco', atOnce)).toEqual(['raised', 'none', 'severity', 'none', 'resolved'])
  })

  it('is frozen by absent windows', () => {
    expect(changes('w....', atOnce)).toEqual(['raised', 'none', 'none', 'none', 'none'])
    expect(steps('w....', atOnce).at(-1)?.state.phase).toBe('firing')
  })

  it('resolves only after `keepFiringFor` of clear windows in a row', () => {
    const timing = { forUs: 0, keepFiringForUs: 2 * windowUs }
    expect(changes('woo', timing)).toEqual(['raised', 'none', 'none'])
    expect(changes('wooo', timing)).toEqual(['raised', 'none', 'none', 'resolved'])
    expect(changes('woowoo', timing)).not.toContain('resolved')
    expect(changes('woo.oo', timing)).not.toContain('resolved')
  })

  it('numbers episodes from 1', () => {
    const raised = steps('wowow', atOnce).filter(({ change }) => change === 'raised')
    expect(raised.map(({ state }) => state.episodes)).toEqual([1, 2, 3])
  })

  it('alternates raise and resolve and numbers them without a gap (I7)', () => {
    const windows = fc
      .array(fc.constantFrom('.', 'o', 'w', 'c', 'p', '-'), { maxLength: 60 })
      .map((letters) => letters.join(''))
    const timing = fc.record({
      forUs: fc.constantFrom(0, windowUs, 3 * windowUs),
      keepFiringForUs: fc.constantFrom(0, 2 * windowUs),
    })
    fc.assert(
      fc.property(windows, timing, (letters, times) => {
        const told = steps(letters, times).filter(({ change }) => change !== 'none')
        let firing = false
        let episode = 0
        for (const { change, state } of told) {
          expect(change === 'raised').toBe(!firing)
          if (change === 'raised') episode++
          expect(state.episodes).toBe(episode)
          firing = change !== 'resolved'
        }
      }),
      { numRuns: 300 },
    )
  })
})
