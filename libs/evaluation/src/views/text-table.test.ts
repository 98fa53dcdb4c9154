import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { textTable, widthOf, wrapped } from './text-table.ts'

type Row = { readonly name: string; readonly count: string; readonly words: string }

const columns = [
  { title: 'NAME', text: ({ name }: Row) => name },
  { title: 'COUNT', align: 'right', drop: 1, text: ({ count }: Row) => count },
  { title: 'WORDS', text: ({ words }: Row) => words },
] as const

const row = (name: string, count: string, words: string): Row => ({ name, count, words })

describe('a table', () => {
  it('aligns columns under their titles', () => {
    expect(textTable(columns, [row('a', '1,000', 'x'), row('longer', '7', 'y z')])).toEqual([
      'NAME    COUNT  WORDS',
      'a       1,000  x',
      'longer      7  y z',
    ])
  })

  it('has no lines without rows', () => {
    expect(textTable(columns, [])).toEqual([])
  })

  it('leaves out what says nothing in any row', () => {
    expect(textTable(columns, [row('a', '-', ''), row('b', '', '')])).toEqual(['NAME', 'a', 'b'])
  })

  it('drops columns that may be dropped and wraps the last one, where it is too wide', () => {
    const words = 'many words that do not fit into so few columns'
    expect(textTable(columns, [row('a', '1', words)], 40)).toEqual([
      'NAME  WORDS',
      'a     many words that do not fit into so',
      '      few columns',
    ])
  })

  it('counts characters, not units', () => {
    expect(textTable(columns, [row('\u{1f30a}', '1', 'x')])[1]).toBe('\u{1f30a}         1  x')
  })

  it('wraps without losing or making longer lines than there are words', () => {
    const text = fc
      .array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 })
      .map((words) => words.join(' '))
    fc.assert(
      fc.property(text, fc.integer({ min: 12, max: 40 }), (words, width) => {
        const lines = wrapped(words, width)
        expect(lines.join(' ')).toBe(words)
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true)
      }),
    )
  })
})
