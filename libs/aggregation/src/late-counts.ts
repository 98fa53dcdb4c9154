import { compareUtf8, type LateCount } from '@tidemark/model'

/** Name of the row that holds what is above a cap. A service may bear it, too: rows tell the two apart by `overflow`. */
export const overflowName = 'overflow'

/** Late events by service since the last `PartitionAdvanced`. Service names are ASCII, so characters are bytes. */
export type LateCounts = { readonly byService: Map<string, number>; bytes: number }

/** Keeps the list below half of what one record may hold, in a checkpoint as well, however long the names are. */
export const lateBytesMax = 384 * 1024
const bytesBesideName = 16

export const lateCounts = (
  rows: readonly (readonly [service: string, events: number])[] = [],
): LateCounts => {
  const counts: LateCounts = { byService: new Map(), bytes: 0 }
  for (const [service, events] of rows) add(counts, service, events)
  return counts
}

/** Counts late events of a service; above `servicesMax` names, or `lateBytesMax`, under `overflow`. */
export const countLate = (
  counts: LateCounts,
  service: string,
  events: number,
  servicesMax: number,
): void => {
  const fits =
    counts.byService.has(service) ||
    (counts.byService.size < servicesMax &&
      counts.bytes + service.length + bytesBesideName <= lateBytesMax)
  add(counts, fits ? service : overflowName, events)
}

const add = (counts: LateCounts, service: string, events: number): void => {
  const before = counts.byService.get(service)
  if (before === undefined) counts.bytes += service.length + bytesBesideName
  counts.byService.set(service, (before ?? 0) + events)
}

/** Sorted by service. */
export const lateRows = ({ byService }: LateCounts): readonly LateCount[] =>
  [...byService]
    .map(([service, events]) => ({ service, events }))
    .sort((a, b) => compareUtf8(a.service, b.service))
