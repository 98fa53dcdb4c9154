import { describe, expect, it } from '@jest/globals'
import { printable } from './printable.ts'

describe('text of unknown origin on a terminal', () => {
  it.each([
    ['an escape sequence', 'a\u001b[31mb', 'a\\u{1b}[31mb'],
    ['a right-to-left override', 'pay\u202egnp.exe', 'pay\\u{202e}gnp.exe'],
    ['a zero-width space', 'pay\u200bment', 'pay\\u{200b}ment'],
    ['a C1 control', 'a\u009bb', 'a\\u{9b}b'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['a new line', 'a\nb', 'a\\u{a}b'],
  ])('shows %s by its number', (_, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('leaves words of any script as they are', () => {
    expect(printable('größer 支払い платёж 👍')).toBe('größer 支払い платёж 👍')
  })
})
