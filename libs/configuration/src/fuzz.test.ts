import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readConfiguration } from './read-configuration.ts'
import { faultsMax, faultText } from './source/fault.ts'

const example = readFileSync(
  join(import.meta.dirname, '..', '..', '..', 'examples', 'tidemark.yaml'),
)

/** Either a configuration or faults that say something, in the order of lines; never anything thrown. */
const readSoundly = (bytes: Uint8Array): boolean => {
  const reading = readConfiguration(bytes)
  if (reading.ok) return true
  expect(reading.faults.length).toBeGreaterThan(0)
  expect(reading.faults.length).toBeLessThanOrEqual(faultsMax)
  const lines = reading.faults.map(({ line }) => line)
  expect(lines).toEqual(lines.toSorted((a, b) => a - b))
  for (const fault of reading.faults) {
    expect(fault.message).not.toBe('')
    // No stack, no object that nobody spelled out.
    expect(faultText('f', fault)).not.toMatch(/\n|\[object|\bat .*\.ts:|undefined/)
  }
  return false
}

/** Pieces with a meaning in YAML or in a configuration. */
const piece = fc.constantFrom(
  ...[
    '\n',
    '\n  ',
    '\n- ',
    ': ',
    ' #',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    '|\n',
    '>\n',
    '&a ',
    '*a',
    '!t ',
  ],
  ...[
    '? ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '\t',
    '\u0000',
    '\ufeff',
    '~',
    'null',
    'true',
    '<<: ',
    '__proto__: ',
  ],
  ...[
    '99.99999%',
    '1e999',
    '-1',
    '0x10',
    '.inf',
    '5xx',
    'P1D',
    '2026-11-21',
    'p95 > ',
    'kind: none',
    'id: ',
  ],
)

type Edit = { readonly at: number; readonly remove: number; readonly insert: string }
const edit = fc.record<Edit>({
  at: fc.nat(10_000),
  remove: fc.oneof(fc.constant(0), fc.nat(8), fc.nat(200)),
  insert: fc.oneof(piece, fc.string({ maxLength: 4 }), fc.constant('')),
})

describe('reading tidemark.yaml', () => {
  it('takes the example', () => {
    expect(readSoundly(example)).toBe(true)
  })

  it('gives faults and nothing else for whatever was done to a file', () => {
    const text = example.toString('utf8')
    let taken = 0
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        let edited = text
        for (const { at, remove, insert } of edits) {
          const start = at % (edited.length + 1)
          edited = edited.slice(0, start) + insert + edited.slice(start + remove)
        }
        if (readSoundly(new TextEncoder().encode(edited))) taken++
      }),
      { numRuns: 600 },
    )
    // Some edits change nothing that matters; were it none, the mutations would not reach beyond the syntax.
    expect(taken).toBeGreaterThan(0)
  }, 240_000)

  it('gives faults and nothing else where lines are moved', () => {
    const lines = example.toString('utf8').split('\n')
    const move = fc.tuple(
      fc.nat(lines.length - 1),
      fc.nat(lines.length - 1),
      fc.integer({ min: -4, max: 4 }),
    )
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 6 }), (moves) => {
        const moved = [...lines]
        for (const [from, to, indent] of moves) {
          const [line = ''] = moved.splice(from, 1)
          const deeper = indent >= 0 ? ' '.repeat(indent) + line : line.slice(-indent)
          moved.splice(to, 0, deeper)
        }
        readSoundly(new TextEncoder().encode(moved.join('\n')))
      }),
      { numRuns: 250 },
    )
  }, 240_000)

  it('gives faults and nothing else for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readSoundly(bytes)
      }),
      { numRuns: 600 },
    )
  })

  it('gives faults and nothing else for random YAML', () => {
    const key = fc.constantFrom('services', 'rules', 'slos', 'id', 'kind', 'match', 'exit', 'a', '')
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, 1, -0.5, 'availability', 'threshold', 'none', '5%', '1m', ''),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(key, tie('node'), { maxKeys: 4 }),
      ),
    })).node
    fc.assert(
      fc.property(value, (given) => {
        // JSON is YAML.
        readSoundly(new TextEncoder().encode(JSON.stringify(given)))
      }),
      { numRuns: 600 },
    )
  })
})
