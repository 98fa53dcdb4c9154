import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseFlatJson } from './flat-json.ts'

const faultOf = (text: string): string | null => {
  const json = parseFlatJson(text)
  return json.ok ? null : json.fault
}

describe('a flat JSON object', () => {
  it('keeps keys in their order and numbers as they were written', () => {
    const json = parseFlatJson(
      ' { "a" : "x\\u00e9\\n" , "b":-1.50E+3,"c":true,"":false, "n" : null } \r',
    )
    expect(json.ok && [...json.fields]).toEqual([
      ['a', { kind: 'string', value: 'xé\n' }],
      ['b', { kind: 'number', text: '-1.50E+3' }],
      ['c', { kind: 'boolean', value: true }],
      ['', { kind: 'boolean', value: false }],
      ['n', { kind: 'null' }],
    ])
    expect(parseFlatJson('{}')).toEqual({ ok: true, fields: new Map() })
  })

  it('holds __proto__ like any other key', () => {
    const json = parseFlatJson('{"__proto__":"x","constructor":1}')
    expect(json.ok && [...json.fields.keys()]).toEqual(['__proto__', 'constructor'])
  })

  it.each([
    ['', 'not a JSON object (column 1)'],
    ['[]', 'not a JSON object (column 1)'],
    ['"x"', 'not a JSON object (column 1)'],
    ['\ufeff{}', 'not a JSON object (column 1)'],
    ['{', 'expected a key in double quotes (column 2)'],
    ['{"a":1', 'expected , or } (column 7)'],
    ['{"a":1,}', 'expected a key in double quotes (column 8)'],
    ['{,}', 'expected a key in double quotes (column 2)'],
    ["{'a':1}", 'expected a key in double quotes (column 2)'],
    ['{a:1}', 'expected a key in double quotes (column 2)'],
    ['{"a" 1}', 'expected : (column 6)'],
    ['{"a":}', 'expected a value (column 6)'],
    ['{"a":NaN}', 'expected a value (column 6)'],
    ['{"a":nullx}', 'expected a value (column 6)'],
    ['{"a":01}', 'expected a value (column 6)'],
    ['{"a":.5}', 'expected a value (column 6)'],
    ['{"a":5.}', 'expected a value (column 6)'],
    ['{"a":+5}', 'expected a value (column 6)'],
    ['{"a":0x10}', 'expected a value (column 6)'],
    ['{"a":1e}', 'expected a value (column 6)'],
    ['{"a":"x}', 'a string that does not end (column 6)'],
    ['{"a":"x\\"}', 'a string that does not end (column 6)'],
    ['{"a":"\u0001"}', 'a string with a control character or an unknown escape (column 6)'],
    ['{"a":"\\x"}', 'a string with a control character or an unknown escape (column 6)'],
    ['{"a":{}}', 'a value is a string, a number, true, false or null (column 6)'],
    ['{"a":[1]}', 'a value is a string, a number, true, false or null (column 6)'],
    ['{"a":1,"b":2,"a":3}', 'key "a" stands there twice (column 14)'],
    ['{"a":1,"\\u0061":3}', 'key "a" stands there twice (column 8)'],
    ['{}{}', 'more text behind the object (column 3)'],
    ['{} x', 'more text behind the object (column 4)'],
    ['{"a":1 "b":2}', 'expected , or } (column 8)'],
  ])('is refused: %s', (text, fault) => {
    expect(faultOf(text)).toBe(fault)
  })

  it('is what JSON.parse takes, where values are plain and keys differ', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), fc.nat(3), (object, indent) => {
        const json = parseFlatJson(JSON.stringify(object, null, indent))
        const read =
          json.ok &&
          [...json.fields].map(([key, field]) => [
            key,
            field.kind === 'number'
              ? Number(field.text)
              : field.kind === 'null'
                ? null
                : field.value,
          ])
        expect(read).toEqual(
          Object.entries(object).map(([key, plain]) => [key, Object.is(plain, -0) ? 0 : plain]),
        )
      }),
    )
  })

  it('is never what JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '"a"',
      '"b"',
      ':',
      ',',
      '1',
      '-',
      '.5',
      'e3',
      'null',
      'true',
      ' ',
      '"',
      '\\',
      '\n',
      '[',
      ']',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        const json = parseFlatJson(text)
        if (json.ok) expect(() => JSON.parse(text) as unknown).not.toThrow()
      }),
      { numRuns: 5000 },
    )
  })

  it('is read in time linear in its length', () => {
    const long = `{"${'\\\\'.repeat(30_000)}`
    expect(faultOf(long)).toBe('a string that does not end (column 2)')
  })
})
