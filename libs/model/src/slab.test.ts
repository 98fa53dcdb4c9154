import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { slabCopies } from './slab.ts'

it('gives copies that stay as they are, whatever comes after and becomes of the original', () => {
  const pieces = fc.array(fc.tuple(fc.uint8Array({ maxLength: 80 }), fc.nat(80)), { maxLength: 60 })
  fc.assert(
    fc.property(pieces, (given) => {
      const copyOf = slabCopies(256, 32)
      const copies = given.map(([bytes, cut]) => {
        const length = Math.min(cut, bytes.length)
        const wanted = [...bytes.subarray(0, length)]
        const copy = copyOf(bytes, length)
        bytes.fill(0xff)
        return { copy, wanted }
      })
      expect(copies.map(({ copy }) => [...copy])).toEqual(copies.map(({ wanted }) => wanted))
    }),
  )
})

it('shares a slab among short ones, and gives a long one memory of its own', () => {
  const copyOf = slabCopies(256, 32)
  const short = Array.from({ length: 8 }, () => copyOf(new Uint8Array(32)))
  const next = copyOf(new Uint8Array(1))
  expect(new Set(short.map(({ buffer }) => buffer)).size).toBe(1)
  expect(next.buffer).not.toBe(short[0]!.buffer)
  expect(copyOf(new Uint8Array(33)).buffer.byteLength).toBe(33)
})
