import { describe, expect, it } from '@jest/globals'
import type { AvroSchema } from '@tidemark/schemas'
import { crc64Avro, encodeUtf8, fingerprintHex } from '@tidemark/wire'
import { parsingCanonicalForm } from './parsing-canonical-form.ts'

/** Schema, canonical form and signed fingerprint as the Avro project publishes them: share/test/data/schema-tests.txt. */
const published: readonly (readonly [input: string, canonical: string, fingerprint: bigint])[] = [
  ['"null"', '"null"', 7195948357588979594n],
  ['{"type":"null"}', '"null"', 7195948357588979594n],
  ['"boolean"', '"boolean"', -6970731678124411036n],
  ['{"type":"boolean"}', '"boolean"', -6970731678124411036n],
  ['"int"', '"int"', 8247732601305521295n],
  ['{"type":"int"}', '"int"', 8247732601305521295n],
  ['"long"', '"long"', -3434872931120570953n],
  ['{"type":"long"}', '"long"', -3434872931120570953n],
  ['"float"', '"float"', 5583340709985441680n],
  ['{"type":"float"}', '"float"', 5583340709985441680n],
  ['"double"', '"double"', -8181574048448539266n],
  ['{"type":"double"}', '"double"', -8181574048448539266n],
  ['"bytes"', '"bytes"', 5746618253357095269n],
  ['{"type":"bytes"}', '"bytes"', 5746618253357095269n],
  ['"string"', '"string"', -8142146995180207161n],
  ['{"type":"string"}', '"string"', -8142146995180207161n],
  ['[  ]', '[]', -1241056759729112623n],
  ['[ "int"  ]', '["int"]', -5232228896498058493n],
  ['[ "int" , {"type":"boolean"} ]', '["int","boolean"]', 5392556393470105090n],
  [
    '{"fields":[], "type":"record", "name":"foo"}',
    '{"name":"foo","type":"record","fields":[]}',
    -4824392279771201922n,
  ],
  [
    '{"fields":[], "type":"record", "name":"foo", "namespace":"x.y"}',
    '{"name":"x.y.foo","type":"record","fields":[]}',
    5916914534497305771n,
  ],
  [
    '{"fields":[], "type":"record", "name":"a.b.foo", "namespace":"x.y"}',
    '{"name":"a.b.foo","type":"record","fields":[]}',
    -4616218487480524110n,
  ],
  [
    '{"fields":[], "type":"record", "name":"foo", "doc":"foo", "aliases":["foo","bar"]}',
    '{"name":"foo","type":"record","fields":[]}',
    -4824392279771201922n,
  ],
  [
    '{"fields":[{"type":{"type":"boolean"}, "name":"f1"}], "type":"record", "name":"foo"}',
    '{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"}]}',
    7843277075252814651n,
  ],
  [
    `{ "fields":[{"type":"boolean", "aliases":[], "name":"f1", "default":"true"},
                 {"order":"descending","name":"f2","doc":"Hello","type":"int"}],
       "type":"record", "name":"foo" }`,
    '{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"},{"name":"f2","type":"int"}]}',
    -4860222112080293046n,
  ],
  [
    '{"type":"enum", "name":"foo", "symbols":["A1"]}',
    '{"name":"foo","type":"enum","symbols":["A1"]}',
    -6342190197741309591n,
  ],
  [
    '{"namespace":"x.y.z", "type":"enum", "name":"foo", "doc":"foo bar", "symbols":["A1", "A2"]}',
    '{"name":"x.y.z.foo","type":"enum","symbols":["A1","A2"]}',
    -4448647247586288245n,
  ],
  [
    '{"name":"foo","type":"fixed","size":15}',
    '{"name":"foo","type":"fixed","size":15}',
    1756455273707447556n,
  ],
  [
    '{"namespace":"x.y.z", "type":"fixed", "name":"foo", "doc":"foo bar", "size":32}',
    '{"name":"x.y.z.foo","type":"fixed","size":32}',
    -3064184465700546786n,
  ],
  [
    '{ "items":{"type":"null"}, "type":"array"}',
    '{"type":"array","items":"null"}',
    -589620603366471059n,
  ],
  ['{ "values":"string", "type":"map"}', '{"type":"map","values":"string"}', -8732877298790414990n],
  [
    `{"name":"PigValue","type":"record",
      "fields":[{"name":"value", "type":["null", "int", "long", "PigValue"]}]}`,
    '{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}',
    -1759257747318642341n,
  ],
]

describe('parsing canonical form', () => {
  it.each(published)('is what Avro publishes for %s', (input, canonical) => {
    expect(parsingCanonicalForm(JSON.parse(input) as AvroSchema)).toBe(canonical)
  })

  it.each(published)('has the fingerprint that Avro publishes for %s', (input, _, fingerprint) => {
    const form = parsingCanonicalForm(JSON.parse(input) as AvroSchema)
    expect(fingerprintHex(crc64Avro(encodeUtf8(form)))).toBe(
      BigInt.asUintN(64, fingerprint).toString(16).padStart(16, '0'),
    )
  })

  it('is its own canonical form', () => {
    for (const [, canonical] of published)
      expect(parsingCanonicalForm(JSON.parse(canonical) as AvroSchema)).toBe(canonical)
  })

  it('hands the namespace down to definitions and references inside', () => {
    const inner = { type: 'fixed', name: 'In', size: 2 } as const
    const fields = [
      { name: 'a', type: inner },
      { name: 'b', type: ['null', 'In'] },
    ]
    expect(parsingCanonicalForm({ type: 'record', name: 'R', namespace: 'n.m', fields })).toBe(
      '{"name":"n.m.R","type":"record","fields":[{"name":"a","type":{"name":"n.m.In","type":"fixed","size":2}},{"name":"b","type":["null","n.m.In"]}]}',
    )
  })
})
