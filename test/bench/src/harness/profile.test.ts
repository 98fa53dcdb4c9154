import { describe, expect, test } from '@jest/globals'
import { topOf } from './profile.ts'

describe('the top of a profile', () => {
  const frame = (functionName: string, url = '', lineNumber = -1) => ({
    callFrame: { functionName, url, lineNumber },
  })
  const nodes = [
    { id: 1, ...frame('(root)') },
    { id: 2, ...frame('fold', 'file:///a/b/c/d/fold.ts', 9) },
    { id: 3, ...frame('fold', 'file:///a/b/c/d/fold.ts', 9) },
    { id: 4, ...frame('', 'file:///a/b/c/d/other.ts', 0) },
    { id: 5, ...frame('(garbage collector)') },
  ]

  test('sums what a function took itself, wherever it was called from', () => {
    const profile = { nodes, samples: [2, 4, 3, 5, 2], timeDeltas: [100, 50, 200, 150, 0] }
    expect(topOf(profile)).toEqual([
      { name: 'fold c/d/fold.ts:10', share: 0.6 },
      { name: '(garbage collector)', share: 0.3 },
      { name: 'anonymous c/d/other.ts:1', share: 0.1 },
    ])
  })

  test('names no more than are wanted', () => {
    const profile = { nodes, samples: [2, 5, 4], timeDeltas: [1, 3, 2] }
    expect(topOf(profile, 1)).toEqual([{ name: '(garbage collector)', share: 0.5 }])
  })
})
