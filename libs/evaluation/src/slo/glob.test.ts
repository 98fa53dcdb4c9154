import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { globOf } from './glob.ts'

describe('a glob', () => {
  it.each([
    ['job:*', 'job:', true],
    ['job:*', 'job:nightly', true],
    ['job:*', 'my job:nightly', false],
    ['*', '', true],
    ['', '', true],
    ['', 'x', false],
    ['a*a', 'a', false],
    ['a*b*c', 'a.b.b.c', true],
    ['a*b*c', 'acb', false],
    ['job.*', 'jobs', false],
  ])('%j against %j is %s', (pattern, text, isMatch) => {
    expect(globOf(pattern)(text)).toBe(isMatch)
  })

  it('agrees with the regular expression that says the same', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 12 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, text, (glob, against) => {
        const parts = glob.split('*').map((part) => part.replaceAll('.', '\\.'))
        expect(globOf(glob)(against)).toBe(new RegExp(`^${parts.join('.*')}$`, 's').test(against))
      }),
      { numRuns: 2000 },
    )
  })
})
