import { describe, expect, test } from '@jest/globals'
import { exitCodeOf, exitCodes } from './exit-codes.ts'

describe('the exit code of an error', () => {
  test.each(['not_provisioned', 'layout_mismatch', 'layout', 'usage'])(
    'is that of misuse where its code is %s',
    (code) => {
      expect(exitCodeOf(Object.assign(new Error('no'), { code }))).toBe(exitCodes.misuse)
    },
  )

  test.each([
    new Error('usage'),
    Object.assign(new Error('gone'), { code: 'ECONNRESET' }),
    Object.assign(new Error('odd'), { code: undefined }),
    { code: 'usage' },
    'usage',
    undefined,
  ])('is that of a failure otherwise: %s', (error) => {
    expect(exitCodeOf(error)).toBe(exitCodes.failed)
  })
})
