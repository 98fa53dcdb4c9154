import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { flapResults, nextFlap, noFlaps, type FlapMemory } from './flapping.ts'

const after = (results: readonly boolean[]): FlapMemory => results.reduce(nextFlap, noFlaps)

/** `x` fires, `.` does not; where it flaps, the results are in capitals. */
const flaps = (results: string): string => {
  let memory = noFlaps
  return Array.from(results, (result) => {
    memory = nextFlap(memory, result === 'x')
    return memory.flapping ? (result === 'x' ? 'X' : 'O') : result
  }).join('')
}

/** Thousandths of the weighted share of changes among the last 21 results, as the rule is written: weights of 0.8 to 1.2, in steps of 0.4/19. */
const shareOf = (results: readonly boolean[]): number => {
  const last = [...Array<boolean>(flapResults).fill(false), ...results].slice(-flapResults)
  let sum = 0
  for (let transition = 0; transition < 20; transition++)
    if (last[transition + 1] !== last[transition]) sum += 0.8 + (0.4 * transition) / 19
  return Math.round((sum / 20) * 1e9) / 1e6
}

describe('flapping', () => {
  it('begins above 30 % of weighted changes and ends below 20 %', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 120 }), (results) => {
        let flapping = false
        results.forEach((_, at) => {
          const share = shareOf(results.slice(0, at + 1))
          flapping = flapping ? share >= 200 : share > 300
          expect(after(results.slice(0, at + 1)).flapping).toBe(flapping)
        })
      }),
    )
  })

  it('begins at the sixth change in a row, which makes 34.4 %, since five make 28.9 %', () => {
    expect(shareOf([true, false, true, false, true])).toBeCloseTo(289.474, 3)
    expect(shareOf([true, false, true, false, true, false])).toBeCloseTo(344.211, 3)
    expect(flaps('x.x.x.')).toBe('x.x.xO')
  })

  it('ends when the changes have grown old and few enough', () => {
    const changes = [true, false, true, false, true, false]
    const steady = Array.from({ length: 25 }, (_, n) => [
      ...changes,
      ...Array<boolean>(n).fill(false),
    ])
    const shares = steady.map(shareOf)
    const last = steady.findLastIndex((results) => after(results).flapping)
    expect(last).toBe(shares.findIndex((share) => share < 200) - 1)
    // Of the six, the five latest are still among the 21 results then, at the lowest weights.
    expect(last).toBe(15)
    expect(shares[15]).toBeCloseTo(210.526, 3)
    expect(shares[16]).toBeCloseTo(166.316, 3)
  })

  it('takes what came before the first result for clear', () => {
    expect(after([false, false, false])).toBe(noFlaps)
    expect(after([false, false, true])).toEqual(after([true]))
  })

  it('does not begin for one raise and one resolve, nor for two', () => {
    const steady = '.'.repeat(20)
    expect(flaps(`${steady}xx${steady}`)).toBe(`${steady}xx${steady}`)
    expect(flaps(`${steady}xx...xx${steady}`)).toBe(`${steady}xx...xx${steady}`)
  })

  it('is forgotten 21 results after the last change', () => {
    expect(after([true, false, ...Array<boolean>(19).fill(false)])).not.toBe(noFlaps)
    expect(after([true, false, ...Array<boolean>(20).fill(false)])).toEqual(noFlaps)
  })

  it('is the same object while nothing changes', () => {
    const firing = after(Array<boolean>(21).fill(true))
    expect(nextFlap(firing, true)).toBe(firing)
  })
})
