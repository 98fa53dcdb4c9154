import { contentId, type Id } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  activated,
  activationStartUs,
  inForce,
  noActivations,
  type ActivationFact,
} from './activations.ts'

const windowUs = 10_000_000
const layout = { windowUs }

const factOf = (fields: {
  readonly id?: string
  readonly name: string
  readonly clockMs: number
  readonly effectiveFromUs: number
}): ActivationFact => ({
  clockMs: fields.clockMs,
  fact: {
    type: 'ConfigurationActivated',
    id: fields.id ?? fields.name,
    atUs: 0,
    by: null,
    note: null,
    configurationId: contentId(fields.name),
    effectiveFromUs: fields.effectiveFromUs,
  },
})

const after = (facts: readonly ActivationFact[]) =>
  facts.reduce((all, fact) => activated(all, fact, layout), noActivations)

const at = (facts: readonly ActivationFact[], windowStartUs: number): Id | null =>
  inForce(after(facts), windowStartUs).configurationId

describe('activations', () => {
  it('begin at the later of the clock and the window asked for', () => {
    const start = (clockMs: number, effectiveFromUs: number): number =>
      activationStartUs(factOf({ name: 'a', clockMs, effectiveFromUs }), layout)
    expect(start(0, 20_000_000)).toBe(20_000_000)
    expect(start(20_000, 20_000_000)).toBe(20_000_000)
    expect(start(20_001, 20_000_000)).toBe(30_000_000)
    expect(start(29_999, 0)).toBe(30_000_000)
    expect(start(0, 20_000_001)).toBe(30_000_000)
  })

  it('hold from their window on, until the next', () => {
    const facts = [
      factOf({ name: 'a', clockMs: 1000, effectiveFromUs: 20_000_000 }),
      factOf({ name: 'b', clockMs: 1000, effectiveFromUs: 40_000_000 }),
    ]
    const names = [0, 10, 20, 30, 40, 50].map((seconds) => at(facts, seconds * 1_000_000))
    const [a, b] = ['a', 'b'].map(contentId)
    expect(names).toEqual([null, null, a, a, b, b])
  })

  it('give way to a later fact that begins when they do, or before', () => {
    const a = factOf({ name: 'a', clockMs: 1000, effectiveFromUs: 40_000_000 })
    const b = factOf({ name: 'b', clockMs: 2000, effectiveFromUs: 40_000_000 })
    const c = factOf({ name: 'c', clockMs: 3000, effectiveFromUs: 20_000_000 })
    expect(at([a, b], 40_000_000)).toBe(contentId('b'))
    expect(at([a, b, c], 50_000_000)).toBe(contentId('c'))
    expect(after([a, b, c]).ahead).toHaveLength(1)
  })

  it('do not come back when an old fact is written again', () => {
    const a = factOf({ name: 'a', clockMs: 1000, effectiveFromUs: 0 })
    const b = factOf({ name: 'b', clockMs: 20_000, effectiveFromUs: 0 })
    expect(at([a, b, { ...a, clockMs: 60_000 }], 90_000_000)).toBe(contentId('b'))
  })

  it('are bounded: of a hundred and one ahead the last but one is lost', () => {
    const facts = Array.from({ length: 101 }, (_, i) =>
      factOf({ name: `${i}`, clockMs: 0, effectiveFromUs: (i + 1) * windowUs }),
    )
    const { ahead } = after(facts)
    expect(ahead).toHaveLength(100)
    expect(ahead.slice(-2).map(({ configurationId }) => configurationId)).toEqual(
      ['98', '100'].map(contentId),
    )
  })

  it('say for every window what the plain rule says', () => {
    const fact = fc.record({
      id: fc.nat(8).map(String),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      gapMs: fc.nat(25_000),
      aheadWindows: fc.integer({ min: -3, max: 6 }),
    })
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 12 }), (drafts) => {
        let clockMs = 100_000
        const facts = drafts.map(({ id, name, gapMs, aheadWindows }) => {
          clockMs += gapMs
          const effectiveFromUs = (Math.floor(clockMs / 10_000) + aheadWindows) * windowUs
          return factOf({ id, name, clockMs, effectiveFromUs })
        })
        // Of those that may be in force, the latest said; each fact once.
        const first = facts.filter(
          (one, i) => facts.findIndex(({ fact: other }) => other.id === one.fact.id) === i,
        )
        for (let start = 0; start < clockMs * 1000 + 10 * windowUs; start += windowUs) {
          const holding = first.filter(
            (one) => start >= one.clockMs * 1000 && start >= one.fact.effectiveFromUs,
          )
          expect(at(facts, start)).toBe(holding.at(-1)?.fact.configurationId ?? null)
        }
      }),
    )
  })
})
