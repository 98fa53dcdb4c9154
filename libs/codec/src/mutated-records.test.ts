import { describe, expect, it } from '@jest/globals'
import { makeCodec } from './codec.ts'
import { encode } from './codec.ts'
import type { WalkCost } from './pre-walk.ts'
import { eventTypes, randomEvent, randomFrom, type Random } from './testing/index.ts'

/** One million in every run of the tests; MUTATED_RECORDS asks for more or fewer, MUTATED_SEED for those of an earlier run. */
const records = Number(process.env.MUTATED_RECORDS ?? 1_000_000)
const seed = Number(process.env.MUTATED_SEED ?? Math.floor(Math.random() * 2 ** 32))

const below = (random: Random, limit: number): number => Math.floor(random() * limit)

/** Zigzag varints that lie about counts and lengths: -1, 50 million, 2^31, 2^53, 2^63 - 1, -2^63, and one that does not end. */
const lies = [
  '01',
  '80e1eb17',
  '8080808010',
  '8080808080808020',
  'feffffffffffffffff01',
  'ffffffffffffffffff01',
  'ffffffffffffffffffff7f',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))

type Mutation = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array

const mutations: Readonly<Record<string, Mutation>> = {
  'flips bits': (bytes, _, random) => {
    const flipped = bytes.slice()
    for (let flips = 1 + below(random, 4); flips > 0; flips--)
      flipped[bodyAt(bytes, random)]! ^= 1 << below(random, 8)
    return flipped
  },
  'sets bytes': (bytes, _, random) => {
    const changed = bytes.slice()
    for (let left = 1 + below(random, 4); left > 0; left--)
      changed[bodyAt(bytes, random)] = below(random, 256)
    return changed
  },
  truncates: (bytes, _, random) => bytes.slice(0, below(random, bytes.length)),
  'splices two records': (bytes, other, random) =>
    joined(bytes.subarray(0, bodyAt(bytes, random)), other.subarray(bodyAt(other, random))),
  'repeats a piece': (bytes, _, random) => {
    const [from, to] = [bodyAt(bytes, random), bodyAt(bytes, random)]
    return joined(bytes.subarray(0, Math.max(from, to)), bytes.subarray(Math.min(from, to)))
  },
  'lies about a number': (bytes, _, random) => {
    const at = bodyAt(bytes, random)
    return joined(bytes.subarray(0, at), lies[below(random, lies.length)]!, bytes.subarray(at + 1))
  },
}

/** Mostly in the body: a damaged frame is found before anything can go wrong. */
const bodyAt = (bytes: Uint8Array, random: Random): number =>
  bytes.length > 10 && random() < 0.97
    ? 10 + below(random, bytes.length - 10)
    : below(random, bytes.length)

const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

describe(`${records} mutated records (MUTATED_SEED=${seed})`, () => {
  it('are decoded or refused, never thrown at, at a cost linear in their length', () => {
    const random = randomFrom(seed)
    const originals = Array.from({ length: 1500 }, (_, i) =>
      encode(randomEvent(eventTypes[i % eventTypes.length]!, random)),
    )
    const kinds = Object.values(mutations)
    const cost: WalkCost = { steps: 0, bytes: 0 }
    const codec = makeCodec({ registryIds: new Map([[0, 'tidemark.RequestBatch']]), cost })
    const seen = new Map<string, number>()
    const findings: string[] = []
    for (let i = 0; i < records; i++) {
      const original = originals[below(random, originals.length)]!
      const other = originals[below(random, originals.length)]!
      const bytes = kinds[i % kinds.length]!(original, other, random)
      cost.steps = 0
      cost.bytes = 0
      const decoded = codec.decode(bytes)
      const outcome = decoded.ok ? 'ok' : decoded.reason
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
      // Asserted by hand, for a million expectations take longer than a million records.
      const isBounded = cost.steps <= 4 * bytes.length + 4 && cost.bytes <= bytes.length
      const isCaught = !decoded.ok && decoded.detail.includes('avsc:')
      const isTerse = decoded.ok || decoded.detail.length < 512
      if (!isBounded || isCaught || !isTerse)
        findings.push(`${Buffer.from(bytes).toString('hex')}: ${JSON.stringify({ decoded, cost })}`)
    }
    expect(findings.slice(0, 3)).toEqual([])
    // The mutations reach every way out of the decoder, and not the first door only.
    expect([...seen.keys()].sort()).toEqual([
      'bad_avro',
      'bad_frame',
      'bad_value',
      'ok',
      'unknown_schema',
    ])
    expect(seen.get('ok')).toBeGreaterThan(records / 50)
    expect(seen.get('bad_value')).toBeGreaterThan(records / 100)
  }, 600_000)

  it.each(Object.keys(mutations))('come from a mutation that %s', (name) => {
    const random = randomFrom(seed)
    const bytes = encode(randomEvent('RequestWindowClosed', random))
    const other = encode(randomEvent('FleetSlice', random))
    const mutants = Array.from({ length: 20 }, () => mutations[name]!(bytes, other, random))
    expect(mutants.some((mutant) => Buffer.compare(mutant, bytes) !== 0)).toBe(true)
  })
})
