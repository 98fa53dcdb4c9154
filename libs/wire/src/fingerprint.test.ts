import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { crc64Avro, fingerprintHex } from './fingerprint.ts'
import { encodeUtf8 } from './utf8.ts'

const signed = (canonicalForm: string): bigint =>
  BigInt.asIntN(64, BigInt(`0x${fingerprintHex(crc64Avro(encodeUtf8(canonicalForm)))}`))

// Avro's own test data, share/test/data/schema-tests.txt.
it.each([
  ['"null"', 7195948357588979594n],
  ['"boolean"', -6970731678124411036n],
  ['"int"', 8247732601305521295n],
  ['"long"', -3434872931120570953n],
  ['"float"', 5583340709985441680n],
  ['"double"', -8181574048448539266n],
  ['"bytes"', 5746618253357095269n],
  ['"string"', -8142146995180207161n],
  ['[]', -1241056759729112623n],
  ['["int","boolean"]', 5392556393470105090n],
  ['{"name":"x.y.foo","type":"record","fields":[]}', 5916914534497305771n],
  ['{"name":"x.y.z.foo","type":"enum","symbols":["A1","A2"]}', -4448647247586288245n],
  ['{"name":"x.y.z.foo","type":"fixed","size":32}', -3064184465700546786n],
  ['{"type":"array","items":"null"}', -589620603366471059n],
  ['{"type":"map","values":"string"}', -8732877298790414990n],
  [
    '{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}',
    -1759257747318642341n,
  ],
])('gives the published fingerprint of %s', (canonicalForm, expected) => {
  expect(signed(canonicalForm)).toBe(expected)
})

it('equals the algorithm of the specification in 64-bit integers', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(BigInt(`0x${fingerprintHex(crc64Avro(bytes))}`)).toBe(plain(bytes))
    }),
  )
})

const empty = 0xc15d213aa4d7a795n

const plain = (bytes: Uint8Array): bigint => {
  let fingerprint = empty
  for (const byte of bytes) {
    fingerprint ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++)
      fingerprint = (fingerprint >> 1n) ^ ((fingerprint & 1n) === 1n ? empty : 0n)
  }
  return fingerprint
}
