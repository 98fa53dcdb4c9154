import {
  alertHistories,
  digestServicesMax,
  hourUs,
  reportDiff,
  wasUpWithin,
  type AlertHistory,
  type Digest,
  type PlatformReport,
  type ReportDiff,
  type ServiceHistory,
} from '@tidemark/evaluation'
import type { HistoryQuery, SnapshotStore } from '@tidemark/store'
import { platformAt } from './platform-at.ts'

/** The alerts that were up at some moment of a stretch, in the order in which they were raised, as they stood at its end. */
export const alertsWithin = async (
  store: SnapshotStore,
  fromUs: number,
  toUs: number,
): Promise<readonly AlertHistory[]> => {
  const events = await store.alertEvents({ state: 'any', limit: 0, upAfterUs: fromUs })
  const told = events.filter(({ windowEndUs }) => windowEndUs <= toUs)
  return alertHistories(told).filter((history) => wasUpWithin(history, fromUs, toUs))
}

/** What changed since a moment; null where nothing was judged then. */
export const diffSince = async (
  store: SnapshotStore,
  fromUs: number,
  report: PlatformReport,
): Promise<ReportDiff | null> => {
  const { platform: before } = await platformAt(store, fromUs)
  if (before === null) return null
  return reportDiff(before, report, await alertsWithin(store, before.asOfUs, report.asOfUs))
}

/** A report with what led to it since a moment. */
export const digestOf = async (
  store: SnapshotStore,
  fromUs: number,
  report: PlatformReport,
): Promise<Digest> => ({
  report,
  fromUs,
  diff: await diffSince(store, fromUs, report),
  alerts: await alertsWithin(store, fromUs, report.asOfUs),
  services: await historiesOf(store, fromUs, report),
})

const historiesOf = async (
  store: SnapshotStore,
  fromUs: number,
  { asOfUs, services }: PlatformReport,
): Promise<readonly ServiceHistory[]> => {
  const histories: ServiceHistory[] = []
  for (const { service } of services.slice(0, digestServicesMax)) {
    const query = { service, fromUs, toUs: asOfUs }
    histories.push({
      service,
      statuses: await store.statusChanges(query),
      latencies: await store.latencyHours(byHour(query)),
      objectives: await store.sloHours(byHour(query)),
    })
  }
  return histories
}

/** From the hour on that the stretch begins in. */
const byHour = (query: HistoryQuery): HistoryQuery => ({
  ...query,
  fromUs: query.fromUs - (query.fromUs % hourUs),
})
