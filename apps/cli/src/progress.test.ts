import { describe, expect, it } from '@jest/globals'
import { progressOn } from './progress.ts'
import { testTerminal } from './testing/terminal.ts'

const world = (errIsTerminal: boolean) => {
  let nowMs = 0
  const terminal = testTerminal({ errIsTerminal })
  const progress = progressOn(terminal, () => nowMs)
  return { progress, errors: terminal.complained, at: (ms: number) => (nowMs = ms) }
}

const over = '\u001b[1A\u001b[2K'

describe('progress', () => {
  it('shows after two seconds, at most ten times a second, over what it showed', () => {
    const { progress, errors, at } = world(true)
    for (let ms = 0; ms <= 2300; ms += 10) {
      at(ms)
      progress.show(`${ms}`)
    }
    expect(errors).toEqual(['2000', `${over}2100`, `${over}2200`, `${over}2300`])
  })

  it('stays below lines that are printed in between, and is gone at the end', () => {
    const { progress, errors, at } = world(true)
    progress.above('early')
    at(2000)
    progress.show('10 events')
    progress.above('line 7: no')
    progress.end()
    progress.end()
    expect(errors).toEqual([
      'early',
      '10 events',
      `${over}line 7: no\n10 events`,
      `${over}\u001b[1A`,
    ])
  })

  it('is silent where nobody sits at a terminal, but for lines', () => {
    const { progress, errors, at } = world(false)
    at(5000)
    progress.show('10 events')
    progress.above('line 7: no')
    progress.end()
    expect(errors).toEqual(['line 7: no'])
  })
})
