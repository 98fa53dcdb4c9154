import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareUtf8, serviceNameFault, textFault, utf8Length } from './names.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '𐀀') })

describe('compareUtf8', () => {
  it('orders as the bytes of UTF-8 do', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })
})

describe('utf8Length', () => {
  it('counts the bytes of UTF-8', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(utf8Length(value)).toBe(Buffer.byteLength(value))
      }),
    )
  })
})

describe('serviceNameFault', () => {
  it.each(['a', 'checkout', 'A-9._/z', '__proto__', 'constructor', 'x'.repeat(128)])(
    'takes %s',
    (name) => {
      expect(serviceNameFault(name)).toBeNull()
    },
  )
  it.each(['', 'a b', 'é', 'a\u0000', 'x'.repeat(129), 'a\n'])(
    'refuses %j and says what is allowed',
    (name) => {
      expect(serviceNameFault(name)).toMatch(/1-128 characters/)
    },
  )
})

describe('textFault', () => {
  it('takes NFC text of up to 256 bytes, spaces and empty text included', () => {
    for (const value of ['', 'GET /cart', 'zażółć', 'é'.repeat(128)])
      expect(textFault('operation', value)).toBeNull()
  })
  it.each([
    ['too long', 'é'.repeat(129), /longer than 256 bytes/],
    ['a control character', 'a\u0007', /control/],
    ['a C1 control character', 'a\u0085', /control/],
    ['a bidi override', 'a\u202e', /control/],
    ['a zero-width space', 'a\u200b', /control/],
    ['decomposed', 'e\u0301', /NFC/],
    ['a lone surrogate', 'a\ud800', /well-formed/],
  ])('refuses %s', (_, value, message) => {
    expect(textFault('operation', value)).toMatch(message)
  })
})
