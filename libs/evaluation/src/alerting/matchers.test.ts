import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Matcher } from '@tidemark/model'
import { MatcherError, matchersText, parseMatchers, prepareMatchers } from './matchers.ts'

const labels = new Map([
  ['service', 'payment-service'],
  ['severity', 'page'],
])
const matches = (text: string): boolean => prepareMatchers(parseMatchers(text)).matches(labels)

describe('matchers', () => {
  it.each<[string, readonly Matcher[]]>([
    [
      '{service="a b", severity=~"page|critical",}',
      [
        { label: 'service', operator: '=', value: 'a b' },
        { label: 'severity', operator: '=~', value: 'page|critical' },
      ],
    ],
    ['service != checkout', [{ label: 'service', operator: '!=', value: 'checkout' }]],
    ['team=', [{ label: 'team', operator: '=', value: '' }]],
    ['rule!="a\\"b\\\\c\\nd\\w"', [{ label: 'rule', operator: '!=', value: 'a"b\\c\nd\\w' }]],
    ['{}', []],
    ['', []],
    [' service = "größe" ', [{ label: 'service', operator: '=', value: 'größe' }]],
  ])('are read from %p', (text, expected) => {
    expect(parseMatchers(text)).toEqual(expected)
  })

  it.each([
    ['{service="a"', 'character 13: expected a comma or a closing brace, found the end'],
    ['service="a', 'character 11: expected a closing quote, found the end'],
    ['service', 'character 8: expected one of =, !=, =~, !~, found the end'],
    ['"service"="a"', 'character 1: expected the name of a label, found "\\"service\\"="'],
    ['a=b c=d', 'character 5: expected a comma, found "c=d"'],
    ['{a=b} c', 'character 7: expected nothing more, found "c"'],
    ['a=~"("', 'character 4: pattern "(": a ( without its ), at character 2'],
  ])('are refused in %p, with the place', (text, message) => {
    expect(() => parseMatchers(text)).toThrow(MatcherError)
    expect(() => parseMatchers(text)).toThrow(message)
  })

  it('hold all together', () => {
    expect(matches('service=~"payment.*", severity="page"')).toBe(true)
    expect(matches('service=~"payment", severity="page"')).toBe(false)
    expect(matches('service!~"payment.*"')).toBe(false)
    expect(matches('')).toBe(true)
  })

  it('take a label that is not there for an empty one', () => {
    expect(matches('team=""')).toBe(true)
    expect(matches('team!=platform')).toBe(true)
    expect(matches('team=~".+"')).toBe(false)
  })

  it('come back from their text', () => {
    const matcher = fc.record<Matcher>({
      label: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/),
      operator: fc.constantFrom('=', '!='),
      // JSON's escapes of control characters are not Alertmanager's.
      value: fc.string({ unit: fc.constantFrom('a', 'é', '👍', '"', '\\', '\n', ' ', '}', ',') }),
    })
    fc.assert(
      fc.property(fc.array(matcher, { maxLength: 5 }), (given) => {
        expect(parseMatchers(matchersText(given))).toEqual(given)
      }),
    )
  })

  it('are refused where they are too long, or nested too deeply', () => {
    expect(() => parseMatchers(`a="${'x'.repeat(20_000)}"`)).toThrow(
      '20004 characters are more than the 10000 that are read',
    )
    expect(() => parseMatchers(`a=~"${'('.repeat(9000)}"`)).toThrow(MatcherError)
    const many = Array.from({ length: 51 }, () => 'a=b').join(',')
    expect(() => parseMatchers(many)).toThrow('more than 50 matchers')
  })

  it('say how large their patterns are', () => {
    const { instructions } = prepareMatchers(parseMatchers('a=b, c=~"d{10}", e!~"f|g"'))
    // Ten and the match; a split, a jump, two letters and the match.
    expect(instructions).toBe(11 + 5)
  })

  it('throw nothing else, whatever the text', () => {
    const unit = fc.constantFrom(...Array.from('{}=!~",\\ab(|)*[ \n'))
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        try {
          prepareMatchers(parseMatchers(text)).matches(labels)
        } catch (error) {
          expect(error).toBeInstanceOf(MatcherError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
