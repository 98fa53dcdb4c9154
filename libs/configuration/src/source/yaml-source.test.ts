import { describe, expect, it } from '@jest/globals'
import { faultText } from './fault.ts'
import { fileBytesMax, readYaml } from './yaml-source.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const valueOf = (text: string): unknown => {
  const { documents, faults } = readYaml(bytes(text))
  expect(faults).toEqual([])
  return JSON.parse(JSON.stringify(documents[0]?.value))
}
const faultsOf = (text: string): readonly string[] =>
  readYaml(bytes(text)).faults.map((fault) => faultText('f', fault))

describe('YAML', () => {
  it('keeps numbers as they are written where JavaScript would write others', () => {
    const text = 'a: [1, 0.5, 0.50, 1.10, 0x10, 1e3, 9007199254740993, .5, +1, "1", true, ~, on]'
    expect(valueOf(text)).toEqual({
      a: [
        1,
        0.5,
        '0.50',
        '1.10',
        '0x10',
        '1e3',
        '9007199254740993',
        '.5',
        '+1',
        '1',
        true,
        null,
        'on',
      ],
    })
  })

  it('repeats what an alias stands for', () => {
    expect(valueOf('a: &x { b: 1 }\nc: *x\nd: &x 2\ne: *x')).toEqual({
      ...{ a: { b: 1 }, c: { b: 1 }, d: 2, e: 2 },
    })
  })

  it('knows where each value and each key stands', () => {
    const { documents } = readYaml(bytes('# a comment\na:\n  - b: 1\n    cd: [x, y]\n'))
    const { faultAt, faultAtKey } = documents[0]!
    expect(faultText('f', faultAt(['a', 0, 'cd', 1], 'no'))).toBe('f:4:13: a[0].cd[1]: no')
    expect(faultText('f', faultAtKey(['a', 0, 'cd'], 'no'))).toBe('f:4:5: a[0].cd: no')
    // What is missing is missing where its mapping begins.
    expect(faultText('f', faultAt(['a', 0, 'e'], 'no'))).toBe('f:3:5: a[0].e: no')
  })

  it.each([
    ['a: 1\na: 2', 'f:2:1: a: the key "a" is there twice'],
    ['a: [1', 'f:1:6: not YAML: Flow sequence in block collection must be'],
    ['a:\n\tb: 1', 'f:2:1: not YAML: Tabs are not allowed'],
    ['a: *b', 'f:1:4: a: *b: no anchor of this name before it'],
    ['a: &x [*x]', 'f:1:8: a[0]: *x: inside of what it stands for'],
    ['__proto__: 1', 'f:1:1: __proto__: a key that is not allowed'],
    ['? [a]\n: 1', 'f:1:3: not YAML: With stringKeys, all keys must be strings'],
    ['a: !secret x', 'f:1:4: not YAML: Unresolved tag: !secret'],
    ['- '.repeat(60) + 'x', 'nested more than 50 deep'],
    ['['.repeat(50_000), 'nested too deeply'],
    ['---\n'.repeat(30_000), 'f: cannot be read: more than 20000 comments, documents'],
    [
      'x'.repeat(fileBytesMax + 1),
      `f: ${fileBytesMax + 1} bytes: at most ${fileBytesMax} are read`,
    ],
  ])('is refused where it is wrong, with the place: %.20j', (text, fault) => {
    expect(faultsOf(text).join('\n')).toContain(fault)
  })

  it('is refused where a small file stands for a large one', () => {
    const lines = ['a0: &a0 [x]']
    for (let n = 1; n < 12; n++)
      lines.push(`a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ')}]`)
    expect(faultsOf(lines.join('\n')).join('\n')).toContain(
      'more than 1000000 values, those that aliases repeat among them',
    )
  })

  it('is refused where it is no UTF-8', () => {
    expect(readYaml(Uint8Array.of(0x61, 0xff)).faults).toEqual([
      { line: 0, column: 0, path: '', message: 'not UTF-8 text' },
    ])
  })

  it('is read in a few seconds, with as many keys as fit', () => {
    const keys = Array.from({ length: 50_000 }, (_, n) => `key-${n}: 1`)
    expect(Object.keys(valueOf(keys.join('\n')) as object)).toHaveLength(50_000)
  }, 30_000)
})
