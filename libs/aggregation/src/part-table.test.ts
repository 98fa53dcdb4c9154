import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addToTable, emptyTable, findPart, partTable, type TabledPart } from './part-table.ts'

const keys = fc.uniqueArray(fc.tuple(fc.nat(2000), fc.nat(70_000)), {
  ...{ minLength: 1, maxLength: 400, selector: ([row, name]) => `${row}/${name}` },
})

describe('a table of parts', () => {
  it('finds each part by its row and its name, as a search of all of them does', () => {
    fc.assert(
      fc.property(keys, fc.nat(300), (of, before) => {
        const table = partTable()
        // Some parts have lost their numbers: they have an index, and are not found.
        const parts: TabledPart[] = of.map(([row, name], index) => ({
          ...{ index, row, nameNumber: index < before ? -1 : name },
        }))
        for (const part of parts) if (part.nameNumber >= 0) addToTable(table, parts, part)
        for (const [row, name] of [...of, [0, 70_001] as const, [2001, 0] as const])
          for (const wanted of [row, row + 1])
            expect(findPart(table, parts, wanted, name)).toBe(
              parts.findIndex((part) => part.row === wanted && part.nameNumber === name),
            )
        expect(table.size).toBe(parts.filter(({ nameNumber }) => nameNumber >= 0).length)
      }),
    )
  })

  it('keeps its room when it is emptied, unless little of that was used', () => {
    const table = partTable()
    const parts = Array.from({ length: 3000 }, (_, index) => ({ index, row: index, nameNumber: 7 }))
    for (const part of parts) addToTable(table, parts, part)
    expect(table.slots.length).toBe(8192)
    emptyTable(table)
    expect([table.slots.length, table.size, findPart(table, parts, 5, 7)]).toEqual([8192, 0, -1])
    addToTable(table, parts, parts[0]!)
    emptyTable(table)
    expect(table.slots.length).toBe(64)
  })
})
