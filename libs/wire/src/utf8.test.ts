import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeUtf8, encodeUtf8, isUtf8 } from './utf8.ts'

const wellFormed = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())

const strictly = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

it('encodes as the platform does and decodes what it encoded, anywhere in a buffer', () => {
  fc.assert(
    fc.property(wellFormed, fc.nat(5), (text, before) => {
      const bytes = encodeUtf8(text)
      expect(bytes).toEqual(new TextEncoder().encode(text))
      const buffer = new Uint8Array(before + bytes.length + 3).fill(0x80)
      buffer.set(bytes, before)
      expect(decodeUtf8(buffer, before, before + bytes.length)).toBe(text)
    }),
  )
})

// Few bytes, mostly at the edges of the ranges that decide.
const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0]
const edgeByte = fc.constantFrom(...edges, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff)

it('refuses exactly what a strict decoder refuses', () => {
  fc.assert(
    fc.property(fc.array(edgeByte, { maxLength: 6 }), (list) => {
      const bytes = Uint8Array.from(list)
      const text = strictly(bytes)
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text)
      expect(isUtf8(bytes, 0, bytes.length)).toBe(text !== null)
    }),
    { numRuns: 5000 },
  )
})

it('does not encode a lone surrogate', () => {
  expect(() => encodeUtf8('a\ud800')).toThrow(/lone surrogate/)
})
