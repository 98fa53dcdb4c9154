import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { flapResults, nextFlap, noFlaps } from './flapping.ts'

/** Share of weighted changes among the last 21 results, with fractions: the rule as it is written. */
const shareOf = (results: readonly boolean[]): number => {
  const last = results.slice(-flapResults)
  let sum = 0
  for (let i = 1; i < last.length; i++)
    if (last[i] !== last[i - 1]) {
      const transition = i - 1 + (flapResults - last.length)
      sum += 0.8 + (0.4 * transition) / 19
    }
  return sum / 20
}

describe('flapping', () => {
  it('begins above 30 % of weighted changes and ends below 20 %', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (results) => {
        let memory = noFlaps
        let flapping = false
        for (const [i, result] of results.entries()) {
          memory = nextFlap(memory, result)
          const share = shareOf(results.slice(0, i + 1))
          fc.pre(Math.abs(share - 0.3) > 1e-9 && Math.abs(share - 0.2) > 1e-9)
          flapping = flapping ? share >= 0.2 : share > 0.3
          expect(memory.flapping).toBe(flapping)
        }
      }),
    )
  })

  it('does not begin for one raise and one resolve', () => {
    const once = [...Array<boolean>(10).fill(false), true, true, ...Array<boolean>(20).fill(false)]
    let memory = noFlaps
    for (const result of once) {
      memory = nextFlap(memory, result)
      expect(memory.flapping).toBe(false)
    }
  })

  it('begins for a rule that changes every time, and ends when it is steady', () => {
    let memory = noFlaps
    for (let i = 0; i < flapResults; i++) memory = nextFlap(memory, i % 2 === 0)
    expect(memory.flapping).toBe(true)
    let steady = 0
    for (; memory.flapping; steady++) memory = nextFlap(memory, false)
    expect(steady).toBeGreaterThan(10)
    expect(steady).toBeLessThanOrEqual(flapResults)
  })
})
