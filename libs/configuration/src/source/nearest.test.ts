import { describe, expect, it } from '@jest/globals'
import { editDistance, nearestTo } from './nearest.ts'

describe('the edit distance', () => {
  it.each([
    ['runbook', 'runbook', 0],
    ['runbok', 'runbook', 1],
    ['rnubook', 'runbook', 1],
    ['tem', 'team', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('from %j to %j is %d', (a, b, distance) => {
    expect(editDistance(a, b, 10)).toBe(distance)
    expect(editDistance(b, a, 10)).toBe(distance)
  })

  it('is not counted beyond what is asked for', () => {
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3)
  })
})

describe('the nearest word', () => {
  const words = ['service', 'severity', 'team', 'tier']

  it.each([
    ['servce', 'service'],
    ['Severity', 'severity'],
    ['sev', 'severity'],
    ['tem', 'team'],
  ])('to %s is %s', (word, nearest) => {
    expect(nearestTo(word, words)).toBe(nearest)
  })

  it.each(['owner', 'x', '', 's'.repeat(1000)])('to %j is none', (word) => {
    expect(nearestTo(word, words)).toBeNull()
  })
})
