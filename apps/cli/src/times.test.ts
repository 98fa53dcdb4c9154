import { describe, expect, it } from '@jest/globals'
import { UsageError } from './context.ts'
import { parseMoment } from './times.ts'

describe('a moment', () => {
  it.each([
    ['2026-11-21T03:00:00Z', 1_795_230_000_000_000],
    ['2026-11-21T03:00:00.123456789Z', 1_795_230_000_123_456],
    ['2026-11-21T05:30+02:30', 1_795_230_000_000_000],
    ['1795230000123456', 1_795_230_000_123_456],
    ['0', 0],
  ])('is %s', (text, us) => {
    expect(parseMoment('--at', text)).toBe(us)
  })

  it.each([
    '',
    'now',
    '2026-11-21',
    '2026-11-21T03:00:00',
    '-1',
    '99999999999999999',
    '1e6',
    '1969-12-31T23:59:59Z',
  ])('is not %j', (text) => {
    expect(() => parseMoment('--at', text)).toThrow(UsageError)
    expect(() => parseMoment('--at', text)).toThrow(/^--at: .*neither ISO 8601/)
  })
})
