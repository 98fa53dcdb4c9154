import { expect, it } from '@jest/globals'
import { defaultLayout, layoutFaults, layoutId } from './layout.ts'
import { defaultLimits, limitNames, limitRanges } from './limits.ts'
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

it.each(limitNames)(
  'refuses a limit %s below its least and above its most, and takes both',
  (name) => {
    const { min, max } = limitRanges[name]
    const faultsOf = (value: number) =>
      layoutFaults({ ...defaultLayout, limits: { ...defaultLimits, [name]: value } })
    expect([...faultsOf(min), ...faultsOf(max)]).toEqual([])
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN])
      expect(faultsOf(value)).toEqual([
        `limits.${name}: ${value} is not an integer of ${min} to ${max}`,
      ])
  },
)

it('refuses another shape of histograms, too many open windows and a tick that nobody can keep', () => {
  const faultsOf = (layout: Partial<typeof defaultLayout>) =>
    layoutFaults({ ...defaultLayout, ...layout }).join()
  const { histogram, configuration } = defaultLayout
  expect(faultsOf({ histogram: { ...histogram, highestUs: 1000 } })).toMatch(
    /^histogram: 1 to 1000/,
  )
  expect(faultsOf({ histogram: { ...histogram, digits: 3 as 2 } })).toMatch(/with 3 digits/)
  expect(faultsOf({ tickIntervalMs: 99 })).toMatch(/^tick interval: 99/)
  expect(faultsOf({ configuration: { ...configuration, unregisteredMax: -1 } })).toMatch(/-1/)
  const most = { windowUs: 1_000_000, graceUs: 500_000_000, maxFutureSkewUs: 499_000_000 }
  expect(faultsOf(most)).toBe('')
  expect(faultsOf({ ...most, graceUs: 501_000_000 })).toMatch(/1001 windows .* at most 1000/)
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
