import { expect, it } from '@jest/globals'
import { writeRecordBatch } from '@tidemark/wire'
import fc from 'fast-check'
import { fetchCursor, place, seek, take } from './fetch-cursor.ts'

const batchesOf = (counts: readonly number[]) => {
  let base = 0
  const batches = counts.map((count) => {
    const entries = Array.from({ length: count }, () => ({
      key: null,
      value: new Uint8Array(10),
      timestampMs: 0,
    }))
    const bytes = writeRecordBatch(entries, base)
    base += count
    return bytes
  })
  return {
    bytes: new Uint8Array(Buffer.concat(batches)),
    nextOffset: base,
    largest: Math.max(...batches.map(({ length }) => length)),
  }
}

it('hands out whole batches within the bytes asked for, or one that is larger, and forgets none', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 900 }), (sizes, bytesMax) => {
      const { bytes, nextOffset, largest } = batchesOf(sizes)
      const cursor = fetchCursor('requests', 'p.requests', 1, 0)
      place(cursor, { bytes, nextOffset }, nextOffset)
      const parts: Uint8Array[] = []
      let position = 0
      while (cursor.ready !== null) {
        const part = take(cursor, bytesMax)
        expect(part).toMatchObject({
          topic: 'requests',
          partition: 1,
          fromOffset: position,
          endOffset: nextOffset,
        })
        expect(part.bytes.length).toBeLessThanOrEqual(Math.max(bytesMax, largest))
        parts.push(part.bytes)
        position = part.nextOffset
        expect(cursor.answered).toBe(position === nextOffset)
      }
      expect(position).toBe(nextOffset)
      expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes))
    }),
  )
})

it('drops what was fetched when the reader goes elsewhere, and keeps it when it stays', () => {
  const cursor = fetchCursor('requests', 'p.requests', 0, 0)
  place(cursor, batchesOf([3]), 3)
  seek(cursor, 0)
  expect(cursor.ready).not.toBeNull()
  seek(cursor, 2)
  expect(cursor).toMatchObject({ ready: null, position: 2, answered: false })
})
