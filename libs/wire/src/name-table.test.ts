import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { nameTable } from './name-table.ts'
import { encodeUtf8 } from './utf8.ts'

const name = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('checkout', 'payment-service'))

it('is a map from names to the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 300 }), fc.nat(4), (names, before) => {
      const table = nameTable(300)
      const order = new Map<string, number>()
      for (const text of names) {
        const bytes = new Uint8Array([...new Uint8Array(before), ...encodeUtf8(text), 0x41])
        const end = bytes.length - 1
        const known = order.get(text) ?? -1
        expect(table.lookup(bytes, before, end)).toBe(known)
        if (known !== -1) continue
        expect(table.add(bytes, before, end, text)).toBe(order.size)
        order.set(text, order.size)
      }
      expect(table.size()).toBe(order.size)
      for (const [text, index] of order) {
        const bytes = encodeUtf8(text)
        expect(table.lookup(bytes, 0, bytes.length)).toBe(index)
        expect(table.name(index)).toBe(text)
      }
    }),
  )
})

it('holds as many names as its capacity says and no more, and starts over when cleared', () => {
  const table = nameTable(1000)
  const bytesOf = (i: number): Uint8Array => encodeUtf8(`service-${i}`)
  for (let i = 0; i < 1000; i++) table.add(bytesOf(i), 0, bytesOf(i).length, `service-${i}`)
  for (let i = 0; i < 1000; i++) expect(table.lookup(bytesOf(i), 0, bytesOf(i).length)).toBe(i)
  expect(() => table.add(bytesOf(1000), 0, bytesOf(1000).length, 'x')).toThrow(/more than 1000/)
  table.clear()
  expect(table.size()).toBe(0)
  expect(table.lookup(bytesOf(1), 0, bytesOf(1).length)).toBe(-1)
  expect(() => table.name(0)).toThrow(/no name 0/)
})

it('refuses a capacity that is none', () => {
  for (const capacity of [0, -1, 0.5, 2 ** 25, Number.NaN])
    expect(() => nameTable(capacity)).toThrow(/capacity/)
})
