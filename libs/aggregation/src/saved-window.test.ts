import { describe, expect, it } from '@jest/globals'
import { defaultLayout } from '@tidemark/model'
import {
  addPart,
  addRow,
  emptyRow,
  openWindow,
  overflowPart,
  ownPart,
  windowRoom,
} from './open-window.ts'
import { addRequest, emptyRequestPart, type RequestPart } from './request-part.ts'
import { loadWindow, requestPartForm, saveWindow } from './saved-window.ts'

const form = requestPartForm(defaultLayout.histogram)
const id = (n: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => (n >>> i) & 255)

describe('a saved window', () => {
  it('comes back with its identities, in parts of at most half a megabyte', () => {
    const window = openWindow<RequestPart>(0, 10_000_000, windowRoom(0))
    const row = emptyRow(window, 'checkout', false)
    const { singles, batched } = window.room
    for (let n = 0; n < 70_000; n++) singles.add(id(n), 0, 0)
    for (let index = 0; index < 100; index += 3) batched.add(id(1), 0, 0, index, 100)
    batched.add(id(2), 0, 0, 63, 64)
    const { histogram } = defaultLayout
    addPart(row, emptyRequestPart(ownPart(row, 'GET', 0), histogram, window.room.slots))
    addRequest(row.firstPart!, 2 ** 40, 503, true)
    row.overflowPart = emptyRequestPart(overflowPart(row), histogram, window.room.slots)
    addRequest(row.overflowPart, 1, 200, false)
    row.high = -1
    row.low = 7
    row.firstOffset = 2 ** 40
    row.lastOffset = 2 ** 40
    row.events = 2
    addRow(row)
    const saved = saveWindow(window, form)
    expect(saved.length).toBeGreaterThan(1)
    expect(Math.max(...saved.map(({ length }) => length))).toBeLessThanOrEqual(512 * 1024)

    const loaded = loadWindow(0, 10_000_000, saved, form)
    expect(Buffer.concat(saveWindow(loaded, form)).equals(Buffer.concat(saved))).toBe(true)
    expect(loaded.events).toBe(2)
    expect(loaded.parts).toHaveLength(1)
    const [same] = loaded.rows
    expect(loaded.room.singles.size()).toBe(70_000)
    expect(loaded.room.batched.byOwner(1)[0]![1]!.bits[1]! >>> 31).toBe(1)
    for (let index = 0; index < 100; index++)
      expect(loaded.room.batched.add(id(1), 0, 0, index, 100)).toBe(index % 3 !== 0)
    expect(same).toMatchObject({ high: -1, low: 7 })
  })
})
