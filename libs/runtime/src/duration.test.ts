import { expect, it } from '@jest/globals'
import { parseDurationMs } from './duration.ts'

it.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['PT1M30S', 90_000],
])('reads %s', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms)
})

it.each(['', '10', '-5s', '1.5s', 'PT-1S', '10 s'])(
  'refuses %j and says what is allowed',
  (text) => {
    expect(() => parseDurationMs(text)).toThrow(/no duration: write 500ms/)
  },
)
