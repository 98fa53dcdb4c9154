import { describe, expect, it } from '@jest/globals'
import { defaultLayout, type InputCause } from '@tidemark/model'
import { closedRequests, operationBytesOfRowMax } from './closed-row.ts'
import { addPart, emptyRow, openWindow, ownPart, windowRoom } from './open-window.ts'
import { addRequest, emptyRequestPart, type RequestPart } from './request-part.ts'

const shape = defaultLayout.histogram
const cause: InputCause = { topic: 'requests', partition: 0, offset: 9, index: 0 }

/** A row in a window of its own, with a part for each name. */
const rowOf = (names: readonly string[]) => {
  const window = openWindow<RequestPart>(0, 10_000_000, windowRoom(0))
  const row = emptyRow(window, 'checkout', false)
  for (const [i, name] of names.entries())
    addPart(row, emptyRequestPart(ownPart(row, name, i), shape, window.room.slots))
  return { window, row, parts: window.parts }
}

/** Makes the histogram of a part as long as they get: every slot in use. */
const widen = (part: RequestPart, extra: number): void => {
  for (let us = 0; us < shape.highestUs; us += Math.max(1, Math.floor(us / 256)))
    addRequest(part, us, us % 1000, false)
  for (let i = 0; i < extra; i++) addRequest(part, 1, 200, true)
}

describe('a closed row of requests', () => {
  it('keeps its operations within what one record takes, the busiest of them', () => {
    const { window, row, parts } = rowOf(Array.from({ length: 200 }, (_, i) => `op-${i}`))
    parts.forEach(widen)
    const closed = closedRequests(row, window, cause, shape)
    const bytes = closed.operations.reduce(
      (sum, { histogram, statuses }) => sum + histogram.length + 11 * statuses.length,
      0,
    )
    expect(bytes).toBeLessThanOrEqual(operationBytesOfRowMax)
    const overflow = closed.operations.filter((operation) => operation.overflow)
    expect(overflow).toHaveLength(1)
    const kept = closed.operations.length - 1
    expect(kept).toBeGreaterThan(10)
    const names = new Set(closed.operations.map(({ operation }) => operation))
    expect([names.has('op-199'), names.has('op-0')]).toEqual([true, false])
    expect(closed.operations.reduce((sum, { total }) => sum + total, 0)).toBe(closed.total)
    expect(closed.operations.reduce((sum, { failed }) => sum + failed, 0)).toBe(closed.failed)
  })

  it('is the merge of its operations', () => {
    const { window, row, parts } = rowOf(['a', 'b'])
    addRequest(parts[0]!, 700_000_000, 500, true)
    addRequest(parts[1]!, 20, 200, false)
    addRequest(parts[1]!, 30, 404, false)
    expect(closedRequests(row, window, cause, shape)).toMatchObject({
      total: 3,
      failed: 1,
      overRange: 1,
      latencyUsMax: 700_000_000,
      statuses: [
        { status: 200, events: 1 },
        { status: 404, events: 1 },
        { status: 500, events: 1 },
      ],
    })
  })
})
