import { compareUtf8, type IgnoredTraffic } from '@tidemark/model'
import type { ServiceWindow } from './signals.ts'

/** Services that a slice or a report names as ignored; what is left of the others goes into one row. */
export const ignoredMax = 500
/** The name of that row, and of the aggregator's row above its cap. */
export const overflowName = 'overflow'

export const ignoredRow = (
  { requests, checks }: ServiceWindow,
  service: string,
): IgnoredTraffic => ({
  service,
  events: (requests?.total ?? 0) + (checks?.passed ?? 0) + (checks?.failed ?? 0),
})

/** Adds up by service; at most `ignoredMax` rows, those with the most events, sorted by name. */
export const mergeIgnored = (rows: readonly IgnoredTraffic[]): readonly IgnoredTraffic[] => {
  const merged = sumByService(rows)
  if (merged.length <= ignoredMax) return byName(merged)
  const byEvents = merged.toSorted(
    (a, b) => b.events - a.events || compareUtf8(a.service, b.service),
  )
  const rest = byEvents.slice(ignoredMax - 1)
  const events = rest.reduce((sum, row) => sum + row.events, 0)
  const named = byEvents.slice(0, ignoredMax - 1)
  return byName(sumByService([...named, { service: overflowName, events }]))
}

const sumByService = (rows: readonly IgnoredTraffic[]): readonly IgnoredTraffic[] => {
  const sums = new Map<string, number>()
  for (const { service, events } of rows) sums.set(service, (sums.get(service) ?? 0) + events)
  return [...sums].map(([service, events]) => ({ service, events }))
}

const byName = (rows: readonly IgnoredTraffic[]): readonly IgnoredTraffic[] =>
  rows.toSorted((a, b) => compareUtf8(a.service, b.service))
