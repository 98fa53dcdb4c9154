import { describe, expect, it } from '@jest/globals'
import { countLate, lateBytesMax, lateCounts, lateRows } from './late-counts.ts'

describe('late counts', () => {
  it('count under overflow what is above the number of services', () => {
    const counts = lateCounts()
    for (const service of ['b', 'a', 'c', 'a', 'd', 'overflow']) countLate(counts, service, 2, 2)
    expect(lateRows(counts)).toEqual([
      { service: 'a', events: 4 },
      { service: 'b', events: 2 },
      { service: 'overflow', events: 6 },
    ])
  })

  it('stay within half of what one record takes, however long the names are', () => {
    const counts = lateCounts()
    const name = 'n'.repeat(120)
    for (let i = 0; i < 20_000; i++) countLate(counts, `${name}${i}`, 1, 20_000)
    const rows = lateRows(counts)
    const bytes = rows.reduce((sum, { service }) => sum + service.length, 0)
    expect(bytes).toBeLessThan(lateBytesMax)
    expect(bytes).toBeGreaterThan(lateBytesMax / 2)
    expect(rows.reduce((sum, { events }) => sum + events, 0)).toBe(20_000)
    const saved = rows.map(({ service, events }) => [service, events] as const)
    expect(lateRows(lateCounts(saved))).toEqual(rows)
  })
})
