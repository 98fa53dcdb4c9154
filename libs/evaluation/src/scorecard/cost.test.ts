import { describe, expect, it } from '@jest/globals'
import {
  amountMax,
  amountMin,
  budgetNotice,
  costForecast,
  costStates,
  costTrend,
  currenciesMax,
  isOverBudget,
  monthsMax,
  sumOfAmounts,
  withCost,
  type MonthCost,
} from './cost.ts'

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

const monthUs = (month: number): number => Date.UTC(2026, month, 1) * 1000
const cost = (month: number, amountMinor: number, changes: Partial<MonthCost> = {}): MonthCost => ({
  currency: 'EUR',
  monthStartUs: monthUs(month),
  throughUs: monthUs(month + 1),
  amountMinor,
  ...changes,
})
const book = (...costs: readonly MonthCost[]) =>
  costs.reduce<readonly MonthCost[]>((known, one) => withCost(known, one), [])
const laterUs = monthUs(100)

describe('the costs of a service', () => {
  it('are those of the newest month against the calendar month before it', () => {
    const [state] = costStates(book(cost(4, 2800), cost(5, 3500)), null, laterUs)
    expect(state).toEqual({
      currency: 'EUR',
      monthStartUs: monthUs(5),
      amountMinor: 3500,
      previousMinor: 2800,
      trend: 'spiking',
      budgetMinor: null,
      overBudget: false,
      forecastMinor: 3500,
      noticePercent: null,
    })
    const gap = costStates(book(cost(2, 2800), cost(5, 3500)), null, laterUs)
    expect(gap[0]).toMatchObject({ previousMinor: null, trend: 'stable' })
  })

  it('follow the last word on a month, in whatever order months come', () => {
    const states = costStates(book(cost(5, 9), cost(4, 7), cost(5, 8)), null, laterUs)
    expect(states).toMatchObject([{ amountMinor: 8, previousMinor: 7 }])
  })

  it('are listed by currency, and measured against a budget of their own only', () => {
    const dollars = cost(5, 100, { currency: 'USD' })
    const budget = { currency: 'USD', amountMinor: 99 }
    const states = costStates(book(dollars, cost(5, 100)), budget, laterUs)
    expect(states).toMatchObject([
      { currency: 'EUR', budgetMinor: null, overBudget: false, noticePercent: null },
      { currency: 'USD', budgetMinor: 99, overBudget: true, noticePercent: 100 },
    ])
    expect(costStates(book(dollars), { ...budget, amountMinor: 0 }, laterUs)[0]).toMatchObject({
      budgetMinor: null,
      overBudget: false,
    })
  })

  it('go on at the rate of the month so far, and leave out a month that has not begun', () => {
    const midJune = monthUs(5) + 15 * 86_400_000_000
    const running = cost(5, 1000, { throughUs: midJune })
    const states = costStates(book(running, cost(6, 5)), null, midJune)
    expect(states).toMatchObject([{ amountMinor: 1000, forecastMinor: 2000 }])
  })

  it('are remembered for 13 months, of ten currencies', () => {
    const months = Array.from({ length: 20 }, (_, month) => cost(month, month))
    expect(book(...months)).toEqual(months.slice(-monthsMax))
    const codes = Array.from({ length: 12 }, (_, n) => `AA${String.fromCharCode(65 + n)}`)
    const many = book(
      ...codes.map((currency, n) => cost(n === 3 || n === 7 ? 0 : 1, 1, { currency })),
    )
    expect(new Set(many.map(({ currency }) => currency)).size).toBe(currenciesMax)
    expect(many.some(({ currency }) => currency === codes[3] || currency === codes[7])).toBe(false)
  })

  it('add up exactly, and never beyond what is an exact integer', () => {
    const most = amountMax
    expect(sumOfAmounts([])).toBe(0)
    expect(sumOfAmounts([most, 5, -5])).toBe(most)
    expect(sumOfAmounts([most, most])).toBe(most)
    expect(sumOfAmounts([amountMin, -1])).toBe(amountMin)
    expect(costForecast(most, { elapsedUs: 1, lengthUs: 31 * 86_400_000_000 })).toBe(most)
    expect(costTrend(-most, most)).toBe('spiking')
  })
})
