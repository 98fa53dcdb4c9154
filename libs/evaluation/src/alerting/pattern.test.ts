import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { patternOf, PatternError } from './pattern.ts'

const letters = ['a', 'b', 'c', '-', '.', ' ', 'é', '👍']
const escaped = (letter: string): string => letter.replace(/[-.]/, '\\$&')

/** Expressions that JavaScript's `v` and `u` flags read alike. */
const expression = fc.letrec<{ node: string; atom: string; sequence: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...letters).map((letter) => (letter === '-' ? '-' : escaped(letter))),
    fc.constantFrom('.', '[a-c]', '[^b]', '\\d', '\\w', '\\s', '\\D', '[a\\-c]'),
    tie('node').map((inner) => `(?:${inner})`),
  ),
  sequence: fc
    .array(
      fc.tuple(
        tie('atom'),
        fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?'),
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.map(([atom, repeat]) => atom + repeat).join('')),
  node: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|')),
})).node

describe('a pattern', () => {
  it("matches what JavaScript's engine matches", () => {
    const text = fc
      .array(fc.constantFrom(...letters, '1', '\n'), { maxLength: 8 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(expression, fc.array(text, { minLength: 1, maxLength: 10 }), (source, texts) => {
        const pattern = patternOf(source)
        // Its dot leaves out more than a new line, and its \s is Unicode's: neither occurs here.
        const theirs = new RegExp(`^(?:${source})$`, 'u')
        for (const each of texts) expect(pattern.matches(each)).toBe(theirs.test(each))
      }),
      { numRuns: 2000 },
    )
  })

  it('matches the whole text', () => {
    expect(patternOf('check').matches('checkout')).toBe(false)
    expect(patternOf('^check.*$').matches('checkout')).toBe(true)
  })

  it('leaves case out of account where it is asked to', () => {
    const pattern = patternOf('(?i)Payment-[A-F]')
    expect(['payment-a', 'PAYMENT-A', 'Payment-g'].map(pattern.matches)).toEqual([
      true,
      true,
      false,
    ])
  })

  it('takes no longer for what makes others slow', () => {
    // A backtracking engine takes 2^5000 steps.
    expect(patternOf('(a+)+b').matches('a'.repeat(5000))).toBe(false)
    expect(patternOf('(a|aa)*(a|aa)*c').matches('a'.repeat(5000))).toBe(false)
  })

  it.each([
    ['(', /a \( without its \)/],
    ['a)', /a \) without its \(/],
    ['[a', /a \[ without its \]/],
    ['*a', /nothing in front of \*/],
    ['a**', /a repeat of a repeat/],
    ['a{2,1}', /\{2,1\} is not a repeat/],
    ['a{1001}', /is not a repeat of 0 to 1000/],
    ['a{x}', /a \{ that is no repeat/],
    ['[c-a]', /a range that does not ascend/],
    ['(?=a)', /a group of a kind other/],
    ['(a)\\1', /\\1 is not known/],
    ['a\\', /a \\ at the end/],
    ['a^b', /\^ in the middle/],
    ['((a{1000}){1000}){1000}', /larger than 10000 instructions/],
    ['('.repeat(5000), /more than 100 groups in each other/],
  ])('refuses %p and says why', (source, message) => {
    expect(() => patternOf(source)).toThrow(PatternError)
    expect(() => patternOf(source)).toThrow(message)
  })

  it('never throws anything but that', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab(){}[]|*+?\\^$.-,0129')) }),
        (source) => {
          try {
            patternOf(source).matches('ab')
          } catch (error) {
            expect(error).toBeInstanceOf(PatternError)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
