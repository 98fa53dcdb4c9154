import type { SnapshotStore } from '../store.ts'

export const everything = { service: null, fromUs: 0, toUs: Number.MAX_SAFE_INTEGER }

/** All that a store gives back. */
export const contentsOf = async (store: SnapshotStore) => ({
  requestWindows: await store.requestWindows(everything),
  healthWindows: await store.healthWindows(everything),
  assessments: await store.assessments(),
  advances: await store.advances(),
  alertEvents: await store.alertEvents({ state: 'any', limit: 0 }),
  firing: await store.alertEvents({ state: 'firing', limit: 0 }),
  newestSlices: await store.newestSlices(Number.MAX_SAFE_INTEGER),
  slices: await store.slices(Number.MAX_SAFE_INTEGER),
  sloHours: await store.sloHours(everything),
  statusChanges: await store.statusChanges(everything),
  latencyHours: await store.latencyHours(everything),
  facts: await store.facts({ type: null, service: null, alertId: null }),
  reports: await store.reports({ limit: 1000 }),
  positions: await store.positions(),
})
