import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { base64Of, bytesOfBase64 } from './base64.ts'

describe('base64', () => {
  it("writes what Node's Buffer writes, and reads it back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = base64Of(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64'))
        expect([...bytesOfBase64(text)]).toEqual([...bytes])
      }),
    )
  })

  it('refuses what it did not write', () => {
    expect(() => bytesOfBase64('abc')).toThrow(RangeError)
    expect(() => bytesOfBase64('ab*d')).toThrow(RangeError)
    expect(() => bytesOfBase64('ab=d')).toThrow(RangeError)
  })
})
