import { describe, expect, it } from '@jest/globals'
import { budgetNotice, costForecast, costTrend, isOverBudget } from './cost.ts'

describe('the trend of a cost', () => {
  it.each([
    ['spikes from 2800 to 3500, by 25 %', 2800, 3500, 'spiking'],
    ['increases by exactly 20 %', 1000, 1200, 'increasing'],
    ['is stable at exactly +5 %', 1000, 1050, 'stable'],
    ['increases by a little more than 5 %', 100_000, 105_001, 'increasing'],
    ['is stable at exactly -5 %', 1000, 950, 'stable'],
    ['decreases by more than 5 %', 1000, 949, 'decreasing'],
    ['is new spend after nothing', 0, 1, 'new_spend'],
    ['is stable where there was nothing and is nothing', 0, 0, 'stable'],
    ['is stable in the first month', null, 5000, 'stable'],
    ['increases from a credit', -1000, -900, 'increasing'],
  ] as const)('%s', (_, previous, latest, trend) => {
    expect(costTrend(previous, latest)).toBe(trend)
  })
})

describe('a budget', () => {
  it('of 0 is not set, and never exceeded', () => {
    expect(isOverBudget(1_000_000, 0)).toBe(false)
    expect(isOverBudget(1_000_000, null)).toBe(false)
    expect(budgetNotice(1_000_000, 0)).toBeNull()
  })

  it('is exceeded above it, not at it', () => {
    expect(isOverBudget(5000, 5000)).toBe(false)
    expect(isOverBudget(5001, 5000)).toBe(true)
  })

  it.each([
    [2499, null],
    [2500, 50],
    [3749, 50],
    [3750, 75],
    [4500, 90],
    [4999, 90],
    [5000, 100],
    [9000, 100],
  ] as const)('of 5000 gives notice at a spend of %d: %p', (spent, notice) => {
    expect(budgetNotice(spent, 5000)).toBe(notice)
  })
})

describe('a forecast', () => {
  const lengthUs = 30 * 86_400_000_000
  it('goes on at the rate so far', () => {
    expect(costForecast(1000, { elapsedUs: lengthUs / 3, lengthUs })).toBe(3000)
    expect(costForecast(1000, { elapsedUs: lengthUs, lengthUs })).toBe(1000)
  })

  it('is exact where doubles are not, and rounds half up', () => {
    expect(costForecast(2 ** 52 + 1, { elapsedUs: lengthUs, lengthUs })).toBe(2 ** 52 + 1)
    expect(costForecast(1, { elapsedUs: 2, lengthUs: 3 })).toBe(2)
    expect(costForecast(-1, { elapsedUs: 2, lengthUs: 3 })).toBe(-1)
  })

  it('is absent before any of the month has passed', () => {
    expect(costForecast(1000, { elapsedUs: 0, lengthUs })).toBeNull()
  })
})
