import { contentId } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { AlertTiming, Verdict } from './condition.ts'
import {
  isBlank,
  neverFired,
  newEpisode,
  stepAlert,
  type AlertState,
  type Turn,
} from './episode.ts'

const windowUs = 10_000_000
const atOnce: AlertTiming = { forUs: 0, keepFiringForUs: 0 }

/** `.` absent, `o` clear, `w` `c` `p` active with that severity. */
const verdicts: Readonly<Record<string, Verdict>> = {
  '.': { kind: 'absent' },
  o: { kind: 'clear' },
  w: { kind: 'active', severity: 'warning' },
  c: { kind: 'active', severity: 'critical' },
  p: { kind: 'active', severity: 'page' },
}

type Step = { readonly before: AlertState; readonly after: AlertState; readonly turn: Turn }

/** One alert over the windows, its episode taken along as `stepAlerts` does. */
const steps = (windows: string, timing: AlertTiming): Step[] => {
  const all: Step[] = []
  let state = neverFired
  Array.from(windows).forEach((letter, at) => {
    const before = state
    const stepped = stepAlert(before, verdicts[letter]!, timing, (at + 1) * windowUs)
    const { turn } = stepped
    state = stepped.state
    if (turn.kind === 'raised') {
      const id = contentId(String(at))
      const episode = newEpisode(id, id, turn.severity, at)
      state = { ...state, episodes: state.episodes + 1, episode }
    }
    if (turn.kind === 'severity' && state.episode !== null)
      state = { ...state, episode: { ...state.episode, severity: turn.severity } }
    if (turn.kind === 'resolved') state = { ...state, episode: null }
    all.push({ before, after: state, turn })
  })
  return all
}

const told = (windows: string, timing = atOnce): string =>
  steps(windows, timing)
    .map(({ turn }) =>
      turn.kind === 'none'
        ? '-'
        : turn.kind === 'resolved'
          ? turn.reason === 'recovered'
            ? 'o'
            : 'O'
          : turn.kind === 'flapping'
            ? '~'
            : turn.severity[0],
    )
    .join('')

const windows = fc.string({ unit: fc.constantFrom('.', 'o', 'o', 'w', 'c', 'p'), maxLength: 100 })
const timing = fc.record({
  forUs: fc.constantFrom(0, 0, windowUs, 3 * windowUs),
  keepFiringForUs: fc.constantFrom(0, 0, 2 * windowUs),
})

describe('the episode of an alert', () => {
  it('tells of Down, critical, healthy as one raise, one severity change, one resolve', () => {
    expect(told('ppcco')).toBe('p-c-o')
  })

  it('is raised once, and resolved on positive evidence only', () => {
    expect(told('www...o.o')).toBe('w-----o--')
  })

  it('leaves pending in silence', () => {
    expect(told('wwwo', { forUs: 6 * windowUs, keepFiringForUs: 0 })).toBe('----')
  })

  it('tells while it flaps only what is worse than anything told, and the final state', () => {
    expect(told('wowowo')).toBe('wowow~')
    expect(told('wowowowopocowo')).toBe('wowow~--p-----')
    expect(told(`wowowo${'o'.repeat(17)}`)).toBe(`wowow~${'-'.repeat(15)}O-`)
    // The severity of the end is told with the end.
    expect(told(`wowowowop${'w'.repeat(17)}`)).toBe(`wowow~--p${'-'.repeat(15)}w-`)
    expect(told(`wowowo${'w'.repeat(17)}`)).toBe(`wowow~${'-'.repeat(16)}~`)
  })

  it('is marked by the event that it has anyway, where that says more', () => {
    // The sixth change makes it worse at the same time.
    const [last] = steps('owowowp', atOnce).slice(-1)
    expect(told('owowowp')).toBe('-wowowp')
    expect(last?.turn.kind).toBe('severity')
    // Of seven changes the first has grown too old, and the last one raises.
    const raising = steps(`www${'o'.repeat(14)}wowow`, atOnce).at(-1)
    expect(raising).toMatchObject({
      turn: { kind: 'raised' },
      after: { flaps: { flapping: true } },
    })
  })

  it('alternates raise and resolve, flaps only while it is up, and tells its end (I7)', () => {
    fc.assert(
      fc.property(windows, timing, (letters, times) => {
        let up = false
        let episodes = 0
        for (const { turn, after } of steps(letters, times)) {
          if (turn.kind === 'raised') {
            expect(up).toBe(false)
            episodes++
          } else if (turn.kind !== 'none') expect(up).toBe(true)
          up = turn.kind === 'raised' || (up && turn.kind !== 'resolved')
          expect(after.episode !== null).toBe(up)
          expect(after.episodes).toBe(episodes)
          if (after.flaps.flapping) expect(up).toBe(true)
          // What is told is what fires, but for damping.
          if (!after.flaps.flapping) expect(up).toBe(after.condition.phase === 'firing')
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('ends with the state of a steady condition, however it flapped before', () => {
    fc.assert(
      fc.property(windows, fc.constantFrom('o', 'w', 'p'), (letters, last) => {
        const end = steps(letters + last.repeat(25), atOnce).at(-1)?.after
        expect(end?.flaps.flapping).toBe(false)
        expect(end?.episode?.severity[0] ?? 'o').toBe(last)
      }),
    )
  })

  it('leaves nothing to remember behind a rule that never fired', () => {
    const minutes = { forUs: 3 * windowUs, keepFiringForUs: 0 }
    for (const letters of ['ooo', 'o.o', 'wwo', 'w.'])
      expect(isBlank(steps(letters, minutes).at(-1)!.after)).toBe(true)
    expect(isBlank(steps('w', minutes).at(-1)!.after)).toBe(false)
    expect(isBlank(steps('wo', atOnce).at(-1)!.after)).toBe(false)
  })
})
