import { expect, it } from '@jest/globals'
import { defaultLayout, layoutFaults, layoutId } from './layout.ts'
import { emptyLedger, ledgerBalances } from './ledger.ts'

it('has defaults that can be provisioned', () => {
  expect(layoutFaults(defaultLayout)).toEqual([])
})

it('names every fault at once, with the value', () => {
  const faults = layoutFaults({
    ...defaultLayout,
    windowUs: 7_000_000,
    partitions: 0,
    prefix: 'a b',
  })
  expect(faults).toHaveLength(3)
  expect(faults.join()).toMatch(
    /7000000 us does not divide one minute.*partitions: 0.*prefix: "a b"/,
  )
})

it('has an id that follows from its content alone', () => {
  const { partitions, ...rest } = defaultLayout
  expect(layoutId({ partitions, ...rest })).toBe(layoutId(defaultLayout))
  expect(layoutId({ ...defaultLayout, graceUs: 0 })).not.toBe(layoutId(defaultLayout))
})

it('balances a ledger only when every event has one end (I2)', () => {
  expect(ledgerBalances(emptyLedger)).toBe(true)
  const ledger = {
    events: 7,
    aggregated: 3,
    late: 1,
    duplicate: 1,
    rejected: [{ reason: 'future', events: 2 }],
    lost: 5,
  } as const
  expect(ledgerBalances(ledger)).toBe(true)
  expect(ledgerBalances({ ...ledger, late: 2 })).toBe(false)
})
