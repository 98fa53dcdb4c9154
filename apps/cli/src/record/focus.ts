import { parseIsoUs, monthOf } from '@tidemark/codec'
import { compareUtf8, currencyFault, minorDigits, serviceNameFault } from '@tidemark/model'
import { decimalUnits, minorOfUnits } from './decimal-sum.ts'

/** A row of costs by its columns, as FOCUS names them. */
export type FocusRow = Readonly<Record<string, string | undefined>>

export type FocusOptions = {
  readonly column: 'effective' | 'billed'
  /** Where a row says what it is for. */
  readonly serviceColumn: string
  /** From what stands there to our services; what is not in it must be the name of one. */
  readonly services: ReadonlyMap<string, string>
}

/** What a service has cost in a month, from all rows about it. */
export type FocusCost = {
  readonly service: string
  readonly monthStartUs: number
  /** End of the newest charge of the month in any row, at most the month's end: until then the month is known. */
  readonly throughUs: number
  readonly currency: string
  /** Rounded once, halves away from zero. */
  readonly amountMinor: number
}

export type FocusSums = {
  /** Takes a row, or says why it is refused. */
  readonly add: (row: FocusRow) => string | null
  /** Sorted by service, month and currency; sums that cannot be counted exactly are told instead. */
  readonly costs: () => { readonly costs: readonly FocusCost[]; readonly faults: readonly string[] }
}

const costColumns = { effective: 'EffectiveCost', billed: 'BilledCost' } as const

/** Columns that a file must have. */
export const focusColumns = ({ column, serviceColumn }: FocusOptions): readonly string[] => [
  ...[costColumns[column], 'BillingCurrency', 'ChargePeriodStart', 'ChargePeriodEnd'],
  serviceColumn,
]

/** Services times months times currencies that one file may sum up to. */
export const focusGroupsMax = 100_000

type Group = {
  readonly service: string
  readonly monthStartUs: number
  readonly currency: string
  units: bigint
}

/**
 * Sums costs per service, month and currency, exactly. A charge belongs to the month that its period begins in. Source: FOCUS 1.0, columns
 * BilledCost, EffectiveCost, BillingCurrency, ChargePeriodStart (inclusive), ChargePeriodEnd (exclusive), ServiceName.
 */
export const focusSums = (options: FocusOptions): FocusSums => {
  const groups = new Map<string, Group>()
  const throughUs = new Map<number, number>()
  const add = (row: FocusRow): string | null => {
    const charge = chargeOf(row, options)
    if (typeof charge === 'string') return charge
    const { service, month, endUs, currency, units } = charge
    const key = `${service} ${month.startUs} ${currency}`
    const known = groups.get(key)
    if (known !== undefined) known.units += units
    else if (groups.size >= focusGroupsMax)
      return `more than ${focusGroupsMax} services, months and currencies`
    else groups.set(key, { service, monthStartUs: month.startUs, currency, units })
    const knownUs = throughUs.get(month.startUs) ?? 0
    throughUs.set(month.startUs, Math.max(knownUs, Math.min(endUs, month.endUs)))
    return null
  }
  const costs: FocusSums['costs'] = () => {
    const faults: string[] = []
    const summed = [...groups.values()].flatMap((group): readonly FocusCost[] => {
      const { service, monthStartUs, currency, units } = group
      const amountMinor = minorOfUnits(units, minorDigits(currency))
      if (amountMinor !== null)
        return [
          {
            ...{ service, monthStartUs, currency, amountMinor },
            throughUs: throughUs.get(monthStartUs) ?? monthStartUs,
          },
        ]
      faults.push(`${service}: its costs in ${currency} are above what can be counted exactly`)
      return []
    })
    return { costs: summed.toSorted(byService), faults }
  }
  return { add, costs }
}

const byService = (a: FocusCost, b: FocusCost): number =>
  compareUtf8(a.service, b.service) ||
  a.monthStartUs - b.monthStartUs ||
  compareUtf8(a.currency, b.currency)

type Charge = {
  readonly service: string
  readonly month: { readonly startUs: number; readonly endUs: number }
  readonly endUs: number
  readonly currency: string
  readonly units: bigint
}

/** What a row says, or what is wrong with it. */
const chargeOf = (row: FocusRow, options: FocusOptions): Charge | string => {
  const column = costColumns[options.column]
  const cost = decimalUnits((row[column] ?? '').trim())
  if (!cost.ok) return `${column}: ${cost.fault}`
  const currency = (row.BillingCurrency ?? '').trim()
  const currencyWrong = currencyFault('BillingCurrency', currency)
  if (currencyWrong !== null) return currencyWrong
  const startUs = timeOf(row.ChargePeriodStart)
  if (startUs === null) return timeFault('ChargePeriodStart', row.ChargePeriodStart)
  const endUs = timeOf(row.ChargePeriodEnd)
  if (endUs === null) return timeFault('ChargePeriodEnd', row.ChargePeriodEnd)
  if (endUs <= startUs)
    return `ChargePeriodEnd: ${row.ChargePeriodEnd ?? ''} is not after its start`
  const named = (row[options.serviceColumn] ?? '').trim()
  const service = options.services.get(named) ?? named
  if (serviceNameFault(service) !== null)
    return `${options.serviceColumn}: ${JSON.stringify(named.slice(0, 64))} is no service of ours; say which with --map`
  return { service, month: monthOf(startUs), endUs, currency, units: cost.units }
}

/** Some exports write a blank instead of the T. */
const timeOf = (text: string | undefined): number | null => {
  const us = parseIsoUs((text ?? '').trim().replace(' ', 'T'))
  return us !== null && us >= 0 ? us : null
}

const timeFault = (column: string, text: string | undefined): string =>
  `${column}: ${JSON.stringify((text ?? '').slice(0, 64))} is not ISO 8601 with Z or an offset`
