import { compareUtf8, severities, type FleetAlert } from '@tidemark/model'

/** Alerts that slices and reports name; their number is always told in full. */
export const alertsMax = 20

/** A firing alert before its ids are computed, which only those that are named need. */
export type UnnamedAlert = Omit<FleetAlert, 'alertId' | 'fingerprint'>

/** The most severe, among these the newest, then by service and rule. */
export const severestNewest = <A extends UnnamedAlert>(alerts: readonly A[]): readonly A[] =>
  alerts.toSorted(compareAlerts).slice(0, alertsMax)

const compareAlerts = (a: UnnamedAlert, b: UnnamedAlert): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
  b.raisedAtUs - a.raisedAtUs ||
  compareUtf8(a.service, b.service) ||
  compareUtf8(a.rule, b.rule)
