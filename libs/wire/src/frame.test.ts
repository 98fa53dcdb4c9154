import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { crc64Avro } from './fingerprint.ts'
import { frameReader, singleObjectHeader } from './frame.ts'
import { encodeUtf8 } from './utf8.ts'

const fingerprintOf = (text: string) => crc64Avro(encodeUtf8(text))
const fingerprints = ['a', 'b', 'c'].map((schema) => ({
  fingerprint: fingerprintOf(schema),
  schema,
}))
const frames = frameReader({ fingerprints, registryIds: null })
const withRegistry = frameReader({ fingerprints, registryIds: new Map([[0x80_00_00_07, 'a']]) })

it('writes the header of the specification: marker, then the fingerprint in little-endian order', () => {
  // "int" has the fingerprint 0x7275d51a3f395c8f.
  expect(Buffer.from(singleObjectHeader(fingerprintOf('"int"'))).toString('hex')).toBe(
    'c3018f5c393f1ad57572',
  )
})

it('finds the schema that a value was framed with, and where the body starts', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fingerprints), fc.nat(5), fc.nat(5), (known, before, body) => {
      const header = singleObjectHeader(known.fingerprint)
      const bytes = new Uint8Array(before + header.length + body)
      bytes.set(header, before)
      for (const reader of [frames, withRegistry]) {
        expect(reader.read(bytes, before, bytes.length)).toBe(known.schema)
        expect(reader.fault).toBe(null)
        expect(reader.bodyStart).toBe(before + 10)
      }
    }),
  )
})

it('finds the schema of a registry id where a table of ids is given', () => {
  const bytes = Uint8Array.of(9, 0, 0x80, 0, 0, 7, 1)
  expect(withRegistry.read(bytes, 1, 7)).toBe('a')
  expect(withRegistry.bodyStart).toBe(6)
  expect(frames.read(bytes, 1, 7)).toBe(null)
  expect(frames.fault).toBe('bad_frame')
})

it.each([
  ['nothing', [], 'bad_frame', 'empty value'],
  ['another first byte', [0x7b, 0x22], 'bad_frame', 'first byte 7b'],
  ['another second byte', [0xc3, 2, 0, 0, 0, 0, 0, 0, 0, 0], 'bad_frame', 'first bytes c3 02'],
  ['a cut header', [0xc3, 1, 0], 'bad_frame', '3 bytes, the frame alone takes 10'],
  ['a cut registry header', [0, 0, 0, 1], 'bad_frame', '4 bytes, the frame alone takes 5'],
  [
    'a fingerprint nobody knows',
    [0xc3, 1, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    'unknown_schema',
    'fingerprint 0102030405060708',
  ],
  ['an id nobody knows', [0, 0, 0, 1, 0], 'unknown_schema', 'registry id 256'],
])('refuses %s', (_, bytes, fault, detail) => {
  expect(withRegistry.read(Uint8Array.from(bytes), 0, bytes.length)).toBe(null)
  expect(withRegistry.fault).toBe(fault)
  expect(withRegistry.detail).toBe(detail)
})

it('judges every first byte and length without reading on into the next record', () => {
  const known = Uint8Array.from([...singleObjectHeader(fingerprints[0]!.fingerprint), 1, 2])
  for (let first = 0; first < 256; first++)
    for (let length = 0; length <= 9; length++) {
      const bytes = known.slice()
      bytes[0] = first
      expect(frames.read(bytes, 0, length)).toBe(null)
      expect(frames.fault).toBe('bad_frame')
    }
})
