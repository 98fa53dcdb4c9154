import { describe, expect, it } from '@jest/globals'
import type { AvroSchema } from '@tidemark/schemas'
import avsc from 'avsc'
import fc from 'fast-check'
import { preWalk, type WalkCost } from './pre-walk.ts'
import { SchemaError } from './schema-tree.ts'

const record = (...fields: readonly [string, AvroSchema][]): AvroSchema => ({
  type: 'record',
  name: 'R',
  fields: fields.map(([name, type]) => ({ name, type })),
})

/** Every kind of schema, maps and floats too, which events do not use. */
const everything = record(
  ['flag', 'boolean'],
  ['int', 'int'],
  ['long', 'long'],
  ['float', 'float'],
  ['double', 'double'],
  ['text', 'string'],
  ['raw', 'bytes'],
  ['fixed', { type: 'fixed', name: 'F', size: 3 }],
  ['symbol', { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] }],
  ['some', ['null', 'F']],
  ['map', { type: 'map', values: 'int' }],
  [
    'rows',
    {
      type: 'array',
      items: {
        type: 'record',
        name: 'Row',
        fields: [{ name: 'tags', type: { type: 'array', items: 'string' } }],
      },
    },
  ],
)

const avroOf = (schema: AvroSchema) =>
  avsc.Type.forSchema(schema as Parameters<typeof avsc.Type.forSchema>[0], { wrapUnions: 'never' })

const walkHex = (schema: AvroSchema, hex: string) =>
  preWalk(schema)(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 0)

describe('the pre-walk', () => {
  it.each<readonly [what: string, schema: AvroSchema, hex: string, detail: string]>([
    ['a boolean that is 7', 'boolean', '07', 'boolean 7 at byte 0'],
    ['a missing byte', 'boolean', '', 'ends in the middle at byte 0'],
    ['bytes left over', 'boolean', '01 00', '1 bytes left over at byte 1'],
    ['an int over 32 bits', 'int', '80 80 80 80 10', 'integer over 32 bits at byte 0'],
    ['an int of six bytes', 'int', '80 80 80 80 80 01', 'integer that does not end at byte 0'],
    [
      'a long over 64 bits',
      'long',
      'ff ff ff ff ff ff ff ff ff 02',
      'integer over 64 bits at byte 0',
    ],
    [
      'a long that does not end',
      'long',
      'ff ff ff ff ff ff ff ff ff ff 01',
      'integer that does not end at byte 0',
    ],
    ['a padded integer', 'long', '82 00', 'padded integer at byte 0'],
    ['a cut integer', 'long', '80', 'ends in the middle at byte 0'],
    ['a cut float', 'float', '00 00 00', 'ends in the middle at byte 0'],
    ['a string of negative length', 'string', '01', 'string of -1 bytes, 0 left at byte 1'],
    ['a string longer than the rest', 'string', '06 61 62', 'string of 3 bytes, 2 left at byte 1'],
    [
      'a length of 2^62',
      'bytes',
      'fe ff ff ff ff ff ff ff 7f',
      'bytes of 4611686018427388000 bytes, 0 left at byte 9',
    ],
    ['a lone continuation byte', 'string', '02 80', 'string that is not UTF-8 at byte 2'],
    ['an overlong slash', 'string', '04 c0 af', 'string that is not UTF-8 at byte 3'],
    ['a surrogate', 'string', '06 ed a0 80', 'string that is not UTF-8 at byte 4'],
    ['a code point over 10ffff', 'string', '08 f4 90 80 80', 'string that is not UTF-8 at byte 5'],
    ['a cut fixed', { type: 'fixed', name: 'F', size: 2 }, '00', 'ends in the middle at byte 0'],
    [
      'a symbol too high',
      { type: 'enum', name: 'E', symbols: ['A'] },
      '02',
      'symbol 1 of 1 at byte 1',
    ],
    [
      'a negative symbol',
      { type: 'enum', name: 'E', symbols: ['A'] },
      '01',
      'symbol -1 of 1 at byte 1',
    ],
    ['a branch too high', ['null', 'int'], '04', 'union branch 2 of 2 at byte 1'],
    [
      'a count without the bytes',
      { type: 'array', items: 'int' },
      '06 00 00',
      '3 items, 2 bytes left at byte 1',
    ],
    [
      'a block size that lies',
      { type: 'array', items: 'int' },
      '03 02 00 00 00',
      'block does not end at byte 3 at byte 4',
    ],
    [
      'a block size beyond the end',
      { type: 'array', items: 'int' },
      '03 80 01 00 00 00',
      'block of 64 bytes, 3 left at byte 3',
    ],
    [
      'a missing end of an array',
      { type: 'array', items: 'int' },
      '02 00',
      'ends in the middle at byte 2',
    ],
    [
      'a map key that is not UTF-8',
      { type: 'map', values: 'int' },
      '02 02 ff 00 00',
      '[0]: string that is not UTF-8 at byte 3',
    ],
  ])('refuses %s', (_, schema, hex, detail) => {
    expect(walkHex(schema, hex)).toEqual({ reason: 'bad_avro', detail })
  })

  it('says which field of which item is broken', () => {
    const rows: AvroSchema = {
      type: 'array',
      items: record(['ok', 'boolean'], ['tags', { type: 'array', items: 'boolean' }]),
    }
    expect(walkHex(record(['rows', rows], ['n', 'int']), '02 01 04 01 09 00 00 00')?.detail).toBe(
      'rows[0].tags[1]: boolean 9 at byte 4',
    )
  })

  it.each<readonly [what: string, schema: AvroSchema, hex: string]>([
    ['2^53 - 1', 'long', 'fe ff ff ff ff ff ff 1f'],
    ['2^63 - 1', 'long', 'fe ff ff ff ff ff ff ff ff 01'],
    ['-2^52 - 1', 'long', '81 80 80 80 80 80 80 10'],
    ['-2^63', 'long', 'ff ff ff ff ff ff ff ff ff 01'],
    ['NaN', 'float', '00 00 c0 7f'],
    ['minus infinity', 'double', '00 00 00 00 00 00 f0 ff'],
  ])('refuses %s as a value, since it is Avro', (_, schema, hex) => {
    expect(walkHex(schema, hex)?.reason).toBe('bad_value')
  })

  it('calls bytes broken where a value is out of range as well', () => {
    expect(
      walkHex(record(['a', 'long'], ['b', 'boolean']), 'fe ff ff ff ff ff ff 1f 07')?.reason,
    ).toBe('bad_avro')
  })

  it.each([-(2 ** 52), 2 ** 53 - 2, -1, 0, 63, 64, -64, -65, 2 ** 31, -(2 ** 31) - 1])(
    'lets %d through to avsc, which then reads the same',
    (value) => {
      const bytes = avroOf('long').toBuffer(value)
      expect(preWalk('long')(bytes, 0)).toBeNull()
      expect(avroOf('long').fromBuffer(bytes)).toBe(value)
    },
  )

  it('takes several blocks, with sizes and without', () => {
    expect(walkHex({ type: 'array', items: 'int' }, '02 0a 03 04 0c 0e 04 10 12 00')).toBeNull()
  })

  it('refuses schemas that cannot be walked within bounds', () => {
    const loop = record(['next', ['null', 'R']])
    expect(() => preWalk(loop)).toThrow(
      new SchemaError('R: not defined before, or contains itself'),
    )
    expect(() => preWalk({ type: 'array', items: 'null' })).toThrow(
      'array: its items may take no byte at all',
    )
    expect(() => preWalk({ type: 'array', items: record() })).toThrow(SchemaError)
    expect(() => preWalk([])).toThrow('a union without branches has no value')
  })

  it('believes no count: five bytes cost a few steps and nothing is allocated', () => {
    for (const hex of [
      '80 e1 eb 17',
      'fe ff ff ff 0f',
      'fe ff ff ff ff ff ff ff ff 01',
      '81 e1 eb 17 00',
    ]) {
      const cost: WalkCost = { steps: 0, bytes: 0 }
      const body = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      expect(preWalk({ type: 'array', items: 'int' })(body, 0, cost)?.reason).toBe('bad_avro')
      expect(cost).toEqual({ steps: 1, bytes: 0 })
    }
  })

  it('passes what avsc writes', () => {
    const type = avroOf(everything)
    for (let i = 0; i < 2000; i++)
      expect(preWalk(everything)(type.toBuffer(type.random()), 0)).toBeNull()
  })

  it('passes nothing that avsc would refuse, at a cost that is linear in the length', () => {
    const type = avroOf(everything)
    const walk = preWalk(everything)
    const valid = type.toBuffer(type.random())
    const mutated = fc
      .array(fc.record({ at: fc.nat(valid.length - 1), byte: fc.nat(255) }), { maxLength: 4 })
      .map((changes) => {
        const bytes = Buffer.from(valid)
        for (const { at, byte } of changes) bytes[at] = byte
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 64 })), (bytes) => {
        const cost: WalkCost = { steps: 0, bytes: 0 }
        const fault = walk(bytes, 0, cost)
        expect(cost.steps).toBeLessThanOrEqual(4 * bytes.length + 4)
        expect(cost.bytes).toBeLessThanOrEqual(bytes.length)
        if (fault === null)
          expect(() => type.fromBuffer(Buffer.from(bytes)) as unknown).not.toThrow()
      }),
      { numRuns: 3000 },
    )
  })
})
