import { describe, expect, it } from '@jest/globals'
import type { TidemarkEvent } from '@tidemark/model'
import fc from 'fast-check'
import { encode } from './codec.ts'
import { writableSchema } from './event-schemas.ts'
import { eventTypes, randomEvent, randomFrom, type Random } from './testing/index.ts'

const headerBytes = 10
const stored = (event: TidemarkEvent): object =>
  event.type === 'FactApplied' ? { ...event, fact: encode(event.fact) } : event

const isAsAvsc = (written: Uint8Array, body: Uint8Array): boolean =>
  Buffer.compare(written.subarray(headerBytes), body) === 0

/** Somewhere in a value: something else, something missing, or something more. */
const broken = (value: unknown, random: Random): unknown => {
  const below = (limit: number): number => Math.floor(random() * limit)
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.1) return [...value, foreign(random)]
    const at = below(value.length)
    return value.map((item: unknown, i) => (i === at ? broken(item, random) : item))
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array)
    return foreign(random)
  const keys = Object.keys(value)
  const key = keys[below(keys.length)] ?? 'more'
  const { [key]: field, ...others } = value as Record<string, unknown>
  if (random() < 0.1) return others
  if (random() < 0.1) return { ...value, more: field }
  return { ...value, [key]: broken(field, random) }
}

const foreign = (random: Random): unknown => {
  const values = [
    ...[undefined, null, true, 0, -1, -0, 1.5, Number.NaN, 2 ** 31, -(2 ** 31), 2 ** 53, 5n],
    ...[2 ** 53 - 2, -(2 ** 52), '', 'requests', 'a\u0301', '\ud800', 'z'.repeat(32), '\u00e9'],
    ...['0'.repeat(32), 'F'.repeat(32), '0'.repeat(16), '6F1C2D3E-4B5A-4978-8695-A4B3C2D1E0F0'],
    ...[[], [1], {}, { type: 'x' }, new Uint8Array(3), '6F1C2D3E-4B5A-4978-8695-A4B3C2D1E0F:'],
  ]
  return values[Math.floor(random() * values.length)]
}

describe('the writer of bodies', () => {
  it.each(eventTypes)('writes %s as avsc does', (type) => {
    const { write, body } = writableSchema(type)
    for (let seed = 0; seed < 300; seed++) {
      const event = stored(randomEvent(type, randomFrom(seed)))
      if (!isAsAvsc(write(event)!, body(event))) throw new Error(`seed ${seed}: other bytes`)
    }
  })

  it.each(eventTypes)('refuses of %s what the check refuses, and nothing else', (type) => {
    const { write, body, fit: faultOf } = writableSchema(type)
    let refused = 0
    for (let seed = 0; seed < 600; seed++) {
      const random = randomFrom(seed)
      const event = broken(stored(randomEvent(type, random)), random) as object
      const bytes = write(event)
      const fault = faultOf(event)
      if ((bytes === null) !== (fault !== null)) throw new Error(`seed ${seed}: ${fault}`)
      if (bytes === null) refused++
      else if (!isAsAvsc(bytes, body(event))) throw new Error(`seed ${seed}: other bytes`)
    }
    expect(refused).toBeGreaterThan(50)
  })

  it('writes integers of any size, and what is longer than its scratch space', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (at, amount) => {
        const { write, body } = writableSchema('CostRecorded')
        const fact = { ...randomEvent('CostRecorded', randomFrom(1)) }
        const event = { ...fact, atUs: Math.min(at, 2 ** 53 - 2), amountMinor: amount }
        expect(isAsAvsc(write(event)!, body(event))).toBe(true)
      }),
    )
    const stored = randomEvent('ConfigurationStored', randomFrom(2))
    const { write, body } = writableSchema('ConfigurationStored')
    for (const text of ['x'.repeat(400_000), 'é'.repeat(400_000), '\u{1f600}'.repeat(70_000)]) {
      const event = { ...stored, text }
      expect(isAsAvsc(write(event)!, body(event))).toBe(true)
    }
  })
})
