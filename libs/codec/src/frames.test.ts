import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprintHex, singleObjectHeader } from '@tidemark/wire'
import { decode, encode } from './codec.ts'
import { readableSchemas, type ReadableSchema } from './event-schemas.ts'
import { lineOf } from './line.ts'
import { randomEvent, randomFrom } from './testing/index.ts'

/** A record value as some version of Tidemark wrote it, and what it says. The file only grows: see schemas/README.md. */
type KeptFrame = {
  readonly schema: string
  readonly fingerprint: string
  readonly frame: string
  readonly line: string
}

const file = join(import.meta.dirname, '..', '..', '..', 'schemas', 'frames.ndjson')
const kept = readFileSync(file, 'utf8')
  .split('\n')
  .filter((text) => text !== '')
  .map((text) => JSON.parse(text) as KeptFrame)

describe('kept frames', () => {
  it.each(kept)('of $schema ($fingerprint) still read the same', ({ frame, fingerprint, line }) => {
    const bytes = Uint8Array.from(Buffer.from(frame, 'hex'))
    expect(Buffer.from(bytes.subarray(2, 10)).reverse().toString('hex')).toBe(fingerprint)
    const decoded = decode(bytes)
    expect(decoded).toMatchObject({ ok: true })
    expect(decoded.ok && lineOf(decoded.event)).toBe(line)
  })

  it('exist for every schema that is read; append the lines that this prints', () => {
    const fingerprints = new Set(kept.map(({ fingerprint }) => fingerprint))
    const missing = readableSchemas.filter(
      (schema) => !fingerprints.has(fingerprintHex(schema.fingerprint)),
    )
    expect(missing.map(frameOf)).toEqual([])
  })

  it('read older versions as the current one, new fields with their defaults', () => {
    const older = kept.filter(({ schema }) => schema === 'HealthChecked.1')
    expect(older).not.toEqual([])
    for (const { frame } of older)
      expect(decode(Buffer.from(frame, 'hex'))).toMatchObject({
        ok: true,
        event: { type: 'HealthChecked', reason: null },
      })
  })
})

/** The line that `frames.ndjson` lacks. The body of an older version is the current one, cut where the reader still takes it. */
const frameOf = ({ name, fingerprint, event }: ReadableSchema): string => {
  const current = encode(randomEvent(event, randomFrom(event.length)))
  for (let length = current.length; length >= 10; length--) {
    const bytes = current.slice(0, length)
    bytes.set(singleObjectHeader(fingerprint))
    const decoded = decode(bytes)
    if (!decoded.ok) continue
    const frame = Buffer.from(bytes).toString('hex')
    const line = lineOf(decoded.event)
    return JSON.stringify({ schema: name, fingerprint: fingerprintHex(fingerprint), frame, line })
  }
  return `${name}: write a frame by hand`
}
