import { describe, expect, it } from '@jest/globals'
import { sparkline } from './sparkline.ts'

describe('a sparkline', () => {
  it('draws values in eighths, and nothing where there is none', () => {
    const values = [0, 1, 2, 3, 4, 5, 6, 7, null, 7]
    expect(sparkline(values, { full: 7, unicode: true })).toBe('▁▂▃▄▅▆▇█ █')
    expect(sparkline(values, { full: 7, unicode: false })).toBe('_.-=+*#@ @')
  })

  it('draws small values small, against what is full', () => {
    expect(sparkline([0, 0.5, 1], { full: 10, unicode: true })).toBe('▁▂▂')
    expect(sparkline([5, 20], { full: 10, unicode: true })).toBe('▃█')
  })

  it('never draws what is above 0 as 0', () => {
    expect(sparkline([0, 1, 1_000_000], { full: 1, unicode: true })).toBe('▁▂█')
  })

  it('of nothing is nothing', () => {
    expect(sparkline([], { full: 1, unicode: true })).toBe('')
    expect(sparkline([0, 0], { full: 0, unicode: true })).toBe('▁▁')
  })
})
