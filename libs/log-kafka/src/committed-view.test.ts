import { describe, expect, it } from '@jest/globals'
import { CorruptLogError } from '@tidemark/log'
import type { Offset } from '@tidemark/model'
import { crc32c, recordCursor, writeRecordBatch } from '@tidemark/wire'
import fc from 'fast-check'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { committedView } from './committed-view.ts'
import type { FetchedSection } from './fetch-answer.ts'

type Kind = 'plain' | 'data' | 'abort' | 'commit'
type Batch = { readonly kind: Kind; readonly producerId: number; readonly records: number }
type StoredBatch = Batch & {
  readonly bytes: Uint8Array
  readonly base: number
  readonly last: number
}

const entriesOf = (base: number, records: number) =>
  Array.from({ length: records }, (_, i) => ({
    // Four zero bytes are what an abort marker's key looks like: a client that goes by the key alone ends a transaction here.
    key: i % 2 === 0 ? new Uint8Array(4) : null,
    value: Buffer.from(`record ${base + i}`),
    timestampMs: 1000 + base + i,
  }))

const sealed = (bytes: Uint8Array): Uint8Array => {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(17, crc32c(bytes, 21))
  return bytes
}

const stored = (batch: Batch, base: number): StoredBatch => {
  const { kind, producerId, records } = batch
  const isMarker = kind === 'abort' || kind === 'commit'
  const marker = {
    key: Uint8Array.of(0, 0, 0, kind === 'abort' ? 0 : 1),
    value: new Uint8Array(6),
    timestampMs: 1,
  }
  const bytes = writeRecordBatch(isMarker ? [marker] : entriesOf(base, records), base)
  if (kind !== 'plain') {
    bytes[22]! |= isMarker ? 0x30 : 0x10
    new DataView(bytes.buffer).setBigInt64(43, BigInt(producerId))
  }
  return { ...batch, bytes: sealed(bytes), base, last: base + (isMarker ? 1 : records) - 1 }
}

const logOf = (batches: readonly Batch[]): readonly StoredBatch[] => {
  const log: StoredBatch[] = []
  for (const batch of batches) log.push(stored(batch, (log.at(-1)?.last ?? -1) + 1))
  return log
}

/** Aborted transactions in the order of their ends, as a broker lists them for what it hands out from `from` on. */
const abortedFrom = (log: readonly StoredBatch[], from: number) => {
  const begun = new Map<number, number>()
  return log.flatMap(({ kind, producerId, base, last }) => {
    if (kind === 'data' && !begun.has(producerId)) begun.set(producerId, base)
    const firstOffset = begun.get(producerId)
    if (kind === 'abort' || kind === 'commit') begun.delete(producerId)
    return kind === 'abort' && firstOffset !== undefined && last >= from
      ? [{ producerId, firstOffset }]
      : []
  })
}

/** The records that a reader may see, by looking at the whole log: no state, no order of ends. */
const committedOffsets = (log: readonly StoredBatch[]): readonly number[] =>
  log.flatMap(({ kind, producerId, base, records }, i) => {
    const end = log
      .slice(i)
      .find((b) => b.producerId === producerId && (b.kind === 'abort' || b.kind === 'commit'))
    const isVisible = kind === 'plain' || (kind === 'data' && end?.kind === 'commit')
    return isVisible ? Array.from({ length: records }, (_, r) => base + r) : []
  })

const sectionOf = (
  log: readonly StoredBatch[],
  from: number,
  bytesMax = Number.MAX_SAFE_INTEGER,
): FetchedSection => {
  const batches = log.filter(({ last }) => last >= from).map(({ bytes }) => bytes)
  const records = new Uint8Array(Buffer.concat(batches).subarray(0, bytesMax))
  return {
    topic: 't',
    partition: 0,
    errorCode: 0,
    endOffset: 0,
    aborted: abortedFrom(log, from),
    records,
  }
}

const offsetsIn = (bytes: Uint8Array, from: number): readonly number[] => {
  const cursor = recordCursor()
  cursor.open({ bytes, fromOffset: from as Offset })
  const offsets: number[] = []
  while (cursor.next()) {
    offsets.push(cursor.offset)
    expect(Buffer.from(bytes.subarray(cursor.valueStart, cursor.valueEnd)).toString()).toBe(
      `record ${cursor.offset}`,
    )
  }
  return offsets
}

const batch: fc.Arbitrary<Batch> = fc.record({
  kind: fc.constantFrom<Kind>('plain', 'data', 'data', 'data', 'abort', 'commit'),
  producerId: fc.integer({ min: 1, max: 4 }),
  records: fc.integer({ min: 1, max: 5 }),
})
/** Ends what is open, so that each record is decided. */
const endings = [1, 2, 3, 4].map((producerId): Batch => ({ kind: 'abort', producerId, records: 1 }))

describe('the committed view', () => {
  it('shows what is committed and nothing else, whatever the answers begin and end with', () => {
    fc.assert(
      fc.property(
        fc.array(batch, { maxLength: 40 }),
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
        (batches, start, limits) => {
          const log = logOf([...batches, ...endings])
          const end = log.at(-1)!.last + 1
          const from = start % end
          const seen: number[] = []
          let position = from
          for (let i = 0; position < end; i++) {
            // A broker hands out at least one whole batch.
            const first = log.find(({ last }) => last >= position)!.bytes.length
            const section = sectionOf(log, position, Math.max(first, limits[i % limits.length]!))
            const view = committedView(section, position)
            seen.push(...offsetsIn(view.bytes, position))
            expect(view.nextOffset).toBeGreaterThan(position)
            position = view.nextOffset
          }
          expect(seen).toEqual(committedOffsets(log).filter((offset) => offset >= from))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('leaves out batches below the position and a batch that is cut', () => {
    const log = logOf([1, 2, 3].map((records) => ({ kind: 'plain', producerId: 0, records })))
    const whole = Buffer.concat(log.map(({ bytes }) => bytes))
    const section = {
      ...sectionOf(log, 0),
      records: new Uint8Array(whole.subarray(0, whole.length - 1)),
    }
    const view = committedView(section, 2)
    expect(view.nextOffset).toBe(3)
    expect(Buffer.from(view.bytes)).toEqual(Buffer.from(log[1]!.bytes))
    expect(offsetsIn(view.bytes, 2)).toEqual([2])
  })

  it('stays where it was when no batch is whole', () => {
    const section = sectionOf(logOf([{ kind: 'plain', producerId: 0, records: 3 }]), 0, 70)
    expect(committedView(section, 0)).toEqual({ bytes: new Uint8Array(0), nextOffset: 0 })
  })

  it('finds any flipped bit behind the checksum', () => {
    const log = logOf([{ kind: 'plain', producerId: 0, records: 3 }])
    const [{ bytes }] = log as [StoredBatch]
    fc.assert(
      fc.property(fc.integer({ min: 21, max: bytes.length - 1 }), fc.nat(7), (at, bit) => {
        const section = sectionOf(log, 0)
        section.records[at]! ^= 1 << bit
        expect(() => committedView(section, 0)).toThrow(CorruptLogError)
      }),
    )
  })

  it('refuses formats before v2', () => {
    const section = sectionOf(logOf([{ kind: 'plain', producerId: 0, records: 1 }]), 0)
    section.records[16] = 1
    expect(() => committedView(section, 0)).toThrow(/format v1/)
  })
})

const packed = (
  codec: number,
  pack: (body: Uint8Array) => Uint8Array,
  base = 0,
  records = 50,
): Uint8Array => {
  const plain = writeRecordBatch(entriesOf(base, records), base)
  const body = pack(plain.subarray(61))
  const bytes = new Uint8Array(61 + body.length)
  bytes.set(plain.subarray(0, 61))
  bytes.set(body, 61)
  new DataView(bytes.buffer).setInt32(8, bytes.length - 12)
  bytes[22]! |= codec
  return sealed(bytes)
}

const sectionWith = (...batches: readonly Uint8Array[]): FetchedSection => ({
  ...sectionOf([], 0),
  records: new Uint8Array(Buffer.concat(batches)),
})

describe('compressed batches', () => {
  it.each([
    ['gzip', 1, gzipSync],
    ['zstd', 4, zstdCompressSync],
  ] as const)('are unpacked from %s, between batches that are not', (_name, codec, pack) => {
    const before = writeRecordBatch(entriesOf(0, 10), 0)
    const after = writeRecordBatch(entriesOf(60, 5), 60)
    const view = committedView(sectionWith(before, packed(codec, pack, 10), after), 0)
    expect(offsetsIn(view.bytes, 0)).toEqual(Array.from({ length: 65 }, (_, i) => i))
    expect(view.nextOffset).toBe(65)
  })

  it('are refused by the name of their codec where there is no reader for it', () => {
    expect(() => committedView(sectionWith(packed(2, gzipSync)), 0)).toThrow(
      /snappy.*compression.type=uncompressed/,
    )
    expect(() => committedView(sectionWith(packed(3, gzipSync)), 0)).toThrow(/lz4/)
  })

  it('are refused when they would fill the memory', () => {
    const bomb = packed(1, () => gzipSync(new Uint8Array(17 * 1024 * 1024)))
    expect(bomb.length).toBeLessThan(50_000)
    expect(() => committedView(sectionWith(bomb), 0)).toThrow(
      /cannot be unpacked into 16777216 bytes/,
    )
  })
})
