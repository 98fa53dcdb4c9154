import { describe, expect, it } from '@jest/globals'
import {
  inactive,
  stepCondition,
  type AlertTiming,
  type ConditionState,
  type Verdict,
} from './condition.ts'

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

const steps = (windows: string, timing: AlertTiming): ConditionState[] => {
  const all: ConditionState[] = []
  let state = inactive
  let watchedUs = 0
  for (const letter of windows) {
    const verdict = verdicts[letter]
    if (verdict === undefined) continue
    watchedUs += windowUs
    state = stepCondition(state, verdict, timing, watchedUs)
    all.push(state)
  }
  return all
}

/** `-` inactive, `?` pending, else the first letter of the severity that fires. */
const phases = (windows: string, timing: AlertTiming): string =>
  steps(windows, timing)
    .map((state) =>
      state.phase === 'firing' ? state.severity[0] : state.phase === 'pending' ? '?' : '-',
    )
    .join('')

describe('the condition of an alert', () => {
  it('fires at once without `for`', () => {
    expect(phases('ow', atOnce)).toBe('-w')
  })

  it("fires when this window's end minus that of the first true window is `for`", () => {
    expect(phases('wwwwwww', minute)).toBe('??????w')
  })

  it('begins anew after a clear window, and after an absent one', () => {
    expect(phases('wwwwwwowwwwwww', minute)).toBe('??????-??????w')
    expect(phases('wwwwww.wwwwwww', minute)).toBe('??????-??????w')
  })

  it('does not count windows that nobody watched towards `for`', () => {
    expect(phases('www------wwww', minute)).toBe('??????w')
  })

  it('has the severity of its latest verdict', () => {
    expect(phases('ppcco', atOnce)).toBe('ppcc-')
  })

  it('is frozen by absent windows', () => {
    expect(phases('w....', atOnce)).toBe('wwwww')
  })

  it('ends only after `keepFiringFor` of clear windows in a row', () => {
    const timing = { forUs: 0, keepFiringForUs: 2 * windowUs }
    expect(phases('wooo', timing)).toBe('www-')
    expect(phases('woowoo', timing)).toBe('wwwwww')
    expect(phases('woo.oo', timing)).toBe('wwwwww')
  })

  it('is the same object while nothing changes', () => {
    const isSame = (windows: string, timing: AlertTiming): boolean => {
      const [before, after] = steps(windows, timing).slice(-2)
      return before === after
    }
    expect(['oo', 'ww', 'c.', '..'].map((windows) => isSame(windows, atOnce))).toEqual([
      ...[true, true, true, true],
    ])
    expect(isSame('ww', minute)).toBe(true)
    expect(isSame('wc', atOnce)).toBe(false)
  })
})
