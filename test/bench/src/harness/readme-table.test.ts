import { describe, expect, it } from '@jest/globals'
import { withAnswers, withOwnTable } from './readme-table.ts'
import type { Answer } from './row.ts'
import { short } from './table.ts'

const values = { min: 1, median: 2, max: 3 }
const answer = (row: string, conditions: string): Answer => ({
  ...{ row, conditions, title: `The ${row}`, repetitions: 5, seed: 1, scale: 1 },
  ...{ machine: 'a machine', commit: 'abc', date: '2026-01-02T03:04', sides: {} },
  promises: [
    { what: 'ns', side: 'us', figure: 'x', values, isReached: null },
    {
      what: 'ns',
      side: 'us',
      figure: 'x',
      against: 'them',
      goal: { atMost: 1 },
      values,
      isReached: false,
    },
  ],
})
const names = ['first', 'second']
const readme = 'before <!-- bench:report writes from here --> <!-- to here --> after'

describe('the table in the README', () => {
  it('takes rows in their order, replaces those that are new and keeps the others', () => {
    const once = withAnswers(readme, names, [answer('second', 'slow'), answer('first', 'fast')])
    const again = withAnswers(once, names, [answer('second', 'quick')])
    expect(again.startsWith('before <!--')).toBe(true)
    expect(again.endsWith('--> after')).toBe(true)
    expect(again.split('\n').filter((line) => line.startsWith('|'))).toEqual([
      '| what | figure | median (least to largest) | goal | |',
      '| --- | --- | --- | --- | --- |',
      '| **The first**: fast (`first`, 2026-01-02, abc) | us: ns | 2 (1 to 3) |  |  |',
      '|  | ns, us / them | 2 (1 to 3) | at most 1 | **missed** |',
      '| **The second**: quick (`second`, 2026-01-02, abc) | us: ns | 2 (1 to 3) |  |  |',
      '|  | ns, us / them | 2 (1 to 3) | at most 1 | **missed** |',
    ])
  })

  it("replaces a row's own table and nothing beside it", () => {
    const both = `${readme} <!-- bench:report writes first from here --> old <!-- to here --> end`
    const once = withOwnTable(both, 'first', ['| a |', '| b |'])
    expect(once).toBe(both.replace(' old ', '\n\n| a |\n| b |\n\n'))
    expect(withOwnTable(once, 'first', ['| c |'])).toBe(both.replace(' old ', '\n\n| c |\n\n'))
    expect(withAnswers(once, names, [answer('first', 'fast')])).toContain('| a |\n| b |')
    expect(() => withOwnTable(readme, 'first', [])).toThrow('the README has no <!-- bench:report')
  })

  it('forgets rows that are no more', () => {
    const once = withAnswers(readme, names, [answer('first', 'fast')])
    expect(withAnswers(once, ['second'], [])).not.toContain('The first')
  })

  it.each([
    [0.012_345, '0.0123'],
    [0, '0'],
    [12.34, '12.3'],
    [1234.5, '1235'],
    [23_456, '23.5 k'],
    [1_234_567, '1.23 M'],
    [123_456_789, '123 M'],
  ])('writes %d as %s', (value, words) => expect(short(value)).toBe(words))

  it('says when the README has no place for it', () => {
    expect(() => withAnswers('nothing', names, [])).toThrow('the README has no <!-- bench:report')
  })
})
