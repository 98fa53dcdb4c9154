import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson } from './canonical.ts'

it('spells the same value the same way whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.maxSafeInteger()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse())
      expect(canonicalJson(reversed)).toBe(canonicalJson(object))
      expect(JSON.parse(canonicalJson(object))).toEqual(object)
    }),
  )
})

it('sorts keys by UTF-8 bytes and leaves out what is undefined', () => {
  expect(canonicalJson({ '\ue000': 1, '😀': 2, a: [true, null, -0], b: undefined })).toBe(
    '{"a":[true,null,0],"\ue000":1,"😀":2}',
  )
})

it('refuses floats, unsafe integers and what JSON does not have', () => {
  for (const value of [0.5, Number.NaN, 2 ** 53, undefined, () => 0])
    expect(() => canonicalJson({ value: [value] })).toThrow(/canonical JSON/)
})
