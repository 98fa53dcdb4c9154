import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mergeSorted } from './merge.ts'

it('merges like a stable sort of all sources', () => {
  const sources = fc.array(fc.array(fc.nat(20)), { maxLength: 9 })
  fc.assert(
    fc.property(sources, (lists) => {
      const tagged = lists.map((list, source) =>
        list.sort((a, b) => a - b).map((key, index) => ({ key, source, index })),
      )
      const merged = [...mergeSorted(tagged, ({ key }) => key)]
      expect(merged).toEqual(tagged.flat().sort((a, b) => a.key - b.key))
    }),
  )
})

it('takes no more than it gives, and ends its sources with itself', () => {
  const ended: string[] = []
  function* endless(name: string): Generator<number> {
    try {
      for (let n = 0; ; n++) yield n
    } finally {
      ended.push(name)
    }
  }
  const taken: number[] = []
  for (const n of mergeSorted([endless('a'), endless('b')], (key) => key)) {
    taken.push(n)
    if (taken.length === 5) break
  }
  expect(taken).toEqual([0, 0, 1, 1, 2])
  expect(ended).toEqual(['a', 'b'])
})
