import { describe, expect, it } from '@jest/globals'
import { countsFor, emptyRoom, leaveCounts, slotRoom } from './slot-room.ts'
import { slotsPerOctave } from './slots.ts'

describe('counts of a room', () => {
  it('lie in arrays that are used again, all 0, once nothing is in them any more', () => {
    const room = slotRoom()
    const left = countsFor(room, slotsPerOctave)
    left.fill(5)
    leaveCounts(room, left)
    expect(countsFor(room, slotsPerOctave)).toBe(left)
    expect(left.every((count) => count === 0)).toBe(true)
    const others = [countsFor(room, slotsPerOctave), countsFor(room, 2 * slotsPerOctave)]
    expect(new Set([left, ...others]).size).toBe(3)
    others[1]!.fill(7)
    emptyRoom(room)
    expect(countsFor(room, 2 * slotsPerOctave)).toBe(others[1])
    expect(others[1]!.every((count) => count === 0)).toBe(true)
    const again = [countsFor(room, slotsPerOctave), countsFor(room, slotsPerOctave)]
    expect(new Set(again)).toEqual(new Set([left, others[0]]))
  })

  it('are not kept without bound', () => {
    const room = slotRoom()
    const before = new Set(Array.from({ length: 200 }, () => countsFor(room, 24 * slotsPerOctave)))
    emptyRoom(room)
    const after = Array.from({ length: 200 }, () => countsFor(room, 24 * slotsPerOctave))
    // 4 MB in arrays of 24,576 bytes.
    expect(after.filter((counts) => before.has(counts))).toHaveLength(170)
  })
})
