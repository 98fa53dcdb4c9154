import type { Labels } from './alerting/labels.ts'
import { silencedBy, type Silence } from './alerting/silences.ts'

/** Whether a service is under maintenance, and by what. */
export type Maintenance = {
  /** Of the maintenance that holds, sorted; none: it is not under any. */
  readonly ids: readonly string[]
  /** End of the first window that it is so for. */
  readonly sinceUs: number
}

export const isUnderMaintenance = ({ ids }: Maintenance): boolean => ids.length > 0

/** At a window's end, of the maintenance that holds there. The same object where nothing changes; `before` null: nothing is known. */
export const maintenanceAt = (
  before: Maintenance | null,
  active: readonly Silence[],
  labels: Labels,
  windowEndUs: number,
): Maintenance => {
  const ids = silencedBy(active, labels)
  if (before === null || ids.length > 0 !== isUnderMaintenance(before))
    return { ids, sinceUs: windowEndUs }
  return ids.length === before.ids.length && ids.every((id, at) => id === before.ids[at])
    ? before
    : { ids, sinceUs: before.sinceUs }
}
