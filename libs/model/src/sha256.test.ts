import { createHash } from 'node:crypto'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { contentId, isUuid } from './identity.ts'
import { sha256 } from './sha256.ts'

it('equals the SHA-256 of node:crypto for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const theirs = createHash('sha256').update(text.toWellFormed()).digest('hex')
      expect(sha256(text)).toBe(theirs)
      for (let words = 1; words < 8; words++)
        expect(sha256(text, words)).toBe(theirs.slice(0, 8 * words))
    }),
  )
})

it('equals it at every length around a block', () => {
  for (let length = 50; length < 140; length++) {
    const text = 'x'.repeat(length)
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'))
  }
})

it('cuts ids of content at 16 bytes', () => {
  expect(contentId('abc')).toBe('ba7816bf8f01cfea414140de5dae2223')
})

it('takes UUIDs of any version and case, and nothing else', () => {
  expect(isUuid('6F1C0000-0000-7000-8000-00000000000a')).toBe(true)
  expect(isUuid('6f1c0000-0000-7000-8000-00000000000')).toBe(false)
  expect(isUuid('6f1c00000000700080000000000000aa')).toBe(false)
})
