import { alertHistories, type AlertHistory } from '@tidemark/evaluation'
import type { SnapshotStore } from '@tidemark/store'
import { UsageError } from '../context.ts'

/** As many are named where an id is not unique. */
const namedMax = 10

/** The alert whose id begins so. UsageError where there is none, or more than one. */
export const alertById = async (store: SnapshotStore, prefix: string): Promise<AlertHistory> => {
  if (!/^[0-9a-f]{4,32}$/.test(prefix))
    throw new UsageError(
      `${JSON.stringify(prefix)} is no id of an alert, nor the first four of its digits or more: "tidemark alerts" lists them`,
    )
  const events = await store.alertEvents({ state: 'any', limit: namedMax + 1, idPrefix: prefix })
  const [history, ...others] = alertHistories(events)
  if (history === undefined)
    throw new UsageError(
      `no alert has an id that begins with ${prefix}; "tidemark alerts" lists them`,
    )
  if (others.length > 0)
    throw new UsageError(
      `several alerts have an id that begins with ${prefix}: ${[history, ...others]
        .slice(0, namedMax)
        .map(({ first }) => `${first.alertId} (${first.rule} of ${first.service})`)
        .join(', ')}`,
    )
  return history
}
