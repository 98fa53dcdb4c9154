import { describe, expect, it } from '@jest/globals'
import { testTerminal } from '../testing/terminal.ts'
import { screenOn } from './screen.ts'

/** What a terminal shows after all that was printed. */
const shown = (printed: readonly string[]): readonly string[] => {
  let rows: string[] = []
  for (const text of printed.map((line) => `${line}\n`)) {
    // eslint-disable-next-line no-control-regex
    const [, up, rest] = /^(?:\u001b\[(\d+)A\u001b\[0J)?([\s\S]*)$/.exec(text)!
    if (up !== undefined) rows = rows.slice(0, rows.length - Number(up))
    rows.push(...rest!.split('\n').slice(0, -1))
  }
  return rows
}

describe('a screen', () => {
  it('keeps lines above the table, which is drawn again below them', () => {
    const terminal = testTerminal({ outIsTerminal: true })
    const { line, table } = screenOn(terminal)
    table(['waiting'])
    line('first')
    table(['title', 'row 1', 'row 2'])
    line('second')
    table(['title', 'row 3'])
    expect(shown(terminal.printed)).toEqual(['first', 'second', 'title', 'row 3'])
  })

  it('cuts the table to the terminal, colours aside', () => {
    const rows = ['0123456789abc', '\u001b[31mred and long\u001b[0m', 'x', 'y']
    const terminal = testTerminal({ outIsTerminal: true, rows: () => 5, columns: () => 10 })
    const { line, table } = screenOn(terminal)
    table(rows)
    line('lines may be longer than that')
    expect(shown(terminal.printed)).toEqual([
      'lines may be longer than that',
      '0123456789',
      '\u001b[31mred and lo\u001b[0m',
      'x',
    ])
  })

  it('prints lines only, where it is no terminal', () => {
    const terminal = testTerminal()
    const { line, table } = screenOn(terminal)
    table(['title'])
    line('first')
    table(['title'])
    expect(terminal.printed).toEqual(['first'])
  })
})
