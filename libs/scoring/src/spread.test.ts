import { expect, it } from '@jest/globals'
import { spreadOf } from './spread.ts'

it('is absent for nothing', () => {
  expect(spreadOf([])).toBeNull()
})

it.each([
  [[7], { count: 1, minUs: 7, medianUs: 7, maxUs: 7 }],
  [[9, 1], { count: 2, minUs: 1, medianUs: 1, maxUs: 9 }],
  [[9, 1, 100], { count: 3, minUs: 1, medianUs: 9, maxUs: 100 }],
  [[10, 9, 1, 100], { count: 4, minUs: 1, medianUs: 9, maxUs: 100 }],
])('has the value of rank ceil(n / 2) of %j as its middle', (durations, spread) => {
  expect(spreadOf(durations)).toEqual(spread)
})
