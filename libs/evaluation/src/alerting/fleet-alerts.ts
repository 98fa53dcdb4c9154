import { compareUtf8, severities, type FleetAlert } from '@tidemark/model'
import type { AlertStates } from './acknowledgement.ts'
import { neverFired } from './episode.ts'
import type { AlertSubject } from './rules.ts'

/** Alerts that slices and reports name; their number is always told in full. */
export const alertsMax = 20

/** The alerts of a service that are up. */
export const firingAlerts = (
  service: string,
  subjects: readonly AlertSubject[],
  alerts: AlertStates,
): readonly FleetAlert[] => {
  if (alerts.size === 0) return []
  return subjects.flatMap(({ key, prepared, slo }): readonly FleetAlert[] => {
    const alert = alerts.get(key) ?? neverFired
    if (alert.episode === null) return []
    const { alertId, fingerprint, severity, raisedAtUs, summary } = alert.episode
    const { silencedBy, inhibitedBy, acknowledgement, escalation } = alert.episode
    return [
      {
        ...{ alertId, fingerprint, rule: prepared.rule.id, service, slo, severity, raisedAtUs },
        ...{ summary, flapping: alert.flaps.flapping, silencedBy, inhibitedBy },
        ...{ acknowledgement, escalation },
      },
    ]
  })
}

/** The most severe, among these the newest, then by service, rule and objective. */
export const severestNewest = (alerts: readonly FleetAlert[]): readonly FleetAlert[] =>
  alerts.toSorted(compareAlerts).slice(0, alertsMax)

const compareAlerts = (a: FleetAlert, b: FleetAlert): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
  b.raisedAtUs - a.raisedAtUs ||
  compareUtf8(a.service, b.service) ||
  compareUtf8(a.rule, b.rule) ||
  compareUtf8(a.slo ?? '', b.slo ?? '')
