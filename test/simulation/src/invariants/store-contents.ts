import type { SnapshotStore } from '@tidemark/store'
import type { StoreContents } from './evidence.ts'

/** Everything that a store holds; `sliceEndsUs`: the window ends at which there may be slices. */
export const storeContentsOf = async (
  store: SnapshotStore,
  sliceEndsUs: Iterable<number>,
): Promise<StoreContents> => {
  const everything = { service: null, fromUs: -1, toUs: Number.MAX_SAFE_INTEGER }
  const slices = new Map<string, StoreContents['slices'][number]>()
  for (const endUs of sliceEndsUs)
    // The newest of each partition at that time.
    for (const slice of await store.slices(endUs)) slices.set(slice.id, slice)
  return {
    positions: await store.positions(),
    requestWindows: await store.requestWindows(everything),
    healthWindows: await store.healthWindows(everything),
    advances: await store.advances(),
    assessments: await store.assessments(),
    alerts: await store.alertEvents({ state: 'any', limit: 0 }),
    slices: [...slices.values()],
    facts: await store.facts({ type: null, service: null, alertId: null }),
    sloHours: await store.sloHours(everything),
    statusChanges: await store.statusChanges(everything),
    latencyHours: await store.latencyHours(everything),
    reports: await store.reports({ limit: Number.MAX_SAFE_INTEGER }),
  }
}
