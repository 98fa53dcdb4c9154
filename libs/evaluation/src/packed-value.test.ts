import { describe, expect, it } from '@jest/globals'
import { canonicalJson } from '@tidemark/model'
import fc from 'fast-check'
import { packed, unpacked } from './packed-value.ts'

const name = fc
  .string({ unit: 'binary', maxLength: 4 })
  .filter((text) => text !== '__proto__' && !text.includes('\n'))
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(null, true, false),
    fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -300, max: 300 })),
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ maxLength: 3 }),
      fc.constant('x'.repeat(70)),
    ),
    fc.uint8Array({ maxLength: 9 }),
    fc.array(tie('any'), { maxLength: 6 }),
    fc.dictionary(name, tie('any'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).any

/** The same with the fields of its objects in the order of their names, backwards. */
const turned = (of: unknown): unknown => {
  if (Array.isArray(of)) return of.map(turned)
  if (typeof of !== 'object' || of === null || of instanceof Uint8Array) return of
  const fields = Object.entries(of).sort(([a], [b]) => (a < b ? 1 : -1))
  return Object.fromEntries(fields.map(([field, inner]) => [field, turned(inner)]))
}

describe('a packed value', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(value, (given) => expect(unpacked(packed(given))).toEqual(given)),
      { numRuns: 1000 },
    )
  })

  it('is the same bytes whatever the order of fields', () => {
    fc.assert(
      fc.property(value, value, (a, b) =>
        expect(packed([turned(a), b, a])).toEqual(packed([a, b, turned(a)])),
      ),
    )
  })

  it('is smaller than JSON where objects are alike', () => {
    const rows = Array.from({ length: 100 }, (_, n) => ({
      ...{ service: `service-${n}`, status: 'healthy', sinceUs: 1_700_000_000_000_000 + n },
      counts: { total: n, failed: 0 },
    }))
    expect(packed(rows).length).toBeLessThan(canonicalJson(rows).length / 3)
  })

  it('leaves out what is undefined, and refuses what has no form', () => {
    expect(unpacked(packed({ a: undefined, b: 1 }))).toEqual({ b: 1 })
    for (const given of [undefined, 1.5, Number.NaN, 2 ** 53, 5n, () => 1, { 'a\nb': 1 }])
      expect(() => packed([given])).toThrow(/packed value/)
  })

  it('ends in a value or a RangeError, whatever the bytes', () => {
    const outcome = (bytes: Uint8Array): void => {
      try {
        unpacked(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), outcome), { numRuns: 3000 })
    const changed = fc.tuple(value, fc.nat(), fc.nat(255)).map(([given, at, byte]) => {
      const bytes = packed(given)
      return bytes.with(at % bytes.length, byte)
    })
    fc.assert(fc.property(changed, outcome), { numRuns: 3000 })
    expect(() => unpacked(Uint8Array.of(0, 0))).toThrow('1 too many')
  })
})
