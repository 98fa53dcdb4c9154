import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { patternOf, PatternError } from './pattern.ts'

const letters = ['a', 'b', 'c', '-', '.', ' ', 'é', '👍']
const classes = ['.', '[a-c]', '[^b]', '\\d', '\\w', '\\s', '\\D', '[a\\-c]']

/** An expression with what it means: where a match that starts at a character may end. */
type Meant = {
  readonly source: string
  readonly ends: (text: readonly string[], start: number) => ReadonlySet<number>
}

// Sets of ends take no longer for nested repeats, on which JavaScript's engine may backtrack for minutes; that is asked for single
// characters only, where its `u` flag reads classes alike.
const character = (source: string): Meant => {
  const theirs = new RegExp(`^(?:${source})$`, 'u')
  return {
    source,
    ends: (text, start) =>
      new Set(start < text.length && theirs.test(text[start]!) ? [start + 1] : []),
  }
}

const group = ({ source, ends }: Meant): Meant => ({ source: `(?:${source})`, ends })

const repeated = (of: Meant, [text, min, max]: Repeat): Meant => ({
  source: of.source + text,
  ends: (characters, start) => {
    const known = new Map<number, ReadonlySet<number>>()
    const endsFrom = (at: number): ReadonlySet<number> => {
      const ends = known.get(at) ?? of.ends(characters, at)
      known.set(at, ends)
      return ends
    }
    let reached = new Set([start])
    const all = new Set(min === 0 ? reached : [])
    // Further than once for each character nothing new is reached.
    for (let times = 1; times <= Math.min(max, min + characters.length + 1); times++) {
      reached = new Set([...reached].flatMap((end) => [...endsFrom(end)]))
      if (times >= min) for (const end of reached) all.add(end)
    }
    return all
  },
})

type Repeat = readonly [text: string, min: number, max: number]
const repeats: readonly Repeat[] = [
  ...Array<Repeat>(3).fill(['', 1, 1]),
  ['*', 0, Infinity],
  ['+', 1, Infinity],
  ['?', 0, 1],
  ['{2}', 2, 2],
  ['{1,2}', 1, 2],
  ['{0,}', 0, Infinity],
  ['*?', 0, Infinity],
]

const inSequence = (parts: readonly Meant[]): Meant => ({
  source: parts.map(({ source }) => source).join(''),
  ends: (text, start) =>
    parts.reduce<ReadonlySet<number>>(
      (starts, { ends }) => new Set([...starts].flatMap((each) => [...ends(text, each)])),
      new Set([start]),
    ),
})

const either = (parts: readonly Meant[]): Meant => ({
  source: parts.map(({ source }) => source).join('|'),
  ends: (text, start) => new Set(parts.flatMap(({ ends }) => [...ends(text, start)])),
})

const expression = fc.letrec<{ node: Meant; atom: Meant; sequence: Meant }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...letters).map((letter) => character(letter.replace('.', '\\.'))),
    fc.constantFrom(...classes).map(character),
    tie('node').map(group),
  ),
  sequence: fc
    .array(
      fc
        .tuple(tie('atom'), fc.constantFrom(...repeats))
        .map(([atom, repeat]) => repeated(atom, repeat)),
      { maxLength: 4 },
    )
    .map(inSequence),
  node: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map(either),
})).node

describe('a pattern', () => {
  it('matches what its parts mean', () => {
    const text = fc.array(fc.constantFrom(...letters, '1', '\n'), { maxLength: 8 })
    fc.assert(
      fc.property(expression, fc.array(text, { minLength: 1, maxLength: 10 }), (meant, texts) => {
        const pattern = patternOf(meant.source)
        const differing = texts.filter(
          (each) => pattern.matches(each.join('')) !== meant.ends(each, 0).has(each.length),
        )
        expect(differing).toEqual([])
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
  ])('refuses %p and says why', (source, message) => {
    expect(() => patternOf(source)).toThrow(PatternError)
    expect(() => patternOf(source)).toThrow(message)
  })

  it('refuses groups in groups without end', () => {
    expect(() => patternOf('('.repeat(5000))).toThrow(/more than 100 groups in each other/)
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
