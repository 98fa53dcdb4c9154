import {
  contentId,
  type AlertEvent,
  type DeploymentFinished,
  type Id,
  type IncidentOpened,
} from '@tidemark/model'
import { dayUs } from '../calendar.ts'

// What happened to a service in the last 30 days: deployments, incidents that were declared, and episodes of severe alerts. Each list is
// sorted by when it began and holds at most 1,000; beyond, the oldest are forgotten.

export type Deployment = Pick<DeploymentFinished, 'deployment' | 'atUs'>

/** One that was closed before anybody opened it, or not closed yet, lacks the other moment. */
export type Incident = Pick<IncidentOpened, 'incident' | 'alertId'> & {
  readonly openedAtUs: number | null
  readonly closedAtUs: number | null
}

/** An episode whose severity was critical or page at some time. */
export type Episode = {
  readonly alertId: Id
  readonly raisedAtUs: number
  readonly resolvedAtUs: number | null
}

export const historyMax = 1000
export const historyUs = 30 * dayUs

/** A deployment that comes again takes the place of the earlier. */
export const withDeployment = (
  deployments: readonly Deployment[],
  { deployment: name, atUs }: Deployment,
  nowUs: number,
): readonly Deployment[] => {
  const deployment = shortOf(name)
  return newest(
    [...deployments.filter((known) => known.deployment !== deployment), { deployment, atUs }],
    (each) => each.atUs,
    (each) => isKept(each.atUs, nowUs),
  )
}

/** What a later fact says of when an incident began or ended takes the place of what an earlier one said. */
export const withIncident = (
  incidents: readonly Incident[],
  said: Pick<Incident, 'incident'> & Partial<Incident>,
  nowUs: number,
): readonly Incident[] => {
  const name = shortOf(said.incident)
  const known = incidents.find(({ incident }) => incident === name) ?? unknownIncident
  return newest(
    [...incidents.filter((each) => each !== known), { ...known, ...said, incident: name }],
    ({ openedAtUs, closedAtUs }) => openedAtUs ?? closedAtUs ?? 0,
    // One that goes on is remembered until it ends.
    (each) => isKept(endOf(each), nowUs),
  )
}

/** With what the alerts of a window tell. */
export const withAlerts = (
  episodes: readonly Episode[],
  told: readonly AlertNews[],
  nowUs: number,
): readonly Episode[] => {
  let all = episodes
  for (const { type, alertId, severity, raisedAtUs, windowEndUs } of told) {
    const known = all.find((episode) => episode.alertId === alertId)
    if (known === undefined && severity === 'warning') continue
    const resolvedAtUs = type === 'AlertResolved' ? windowEndUs : null
    if (known !== undefined && resolvedAtUs === null) continue
    all = [...all.filter((episode) => episode !== known), { alertId, raisedAtUs, resolvedAtUs }]
  }
  return all === episodes
    ? episodes
    : newest(
        all,
        (episode) => episode.raisedAtUs,
        (episode) => isKept(episode.resolvedAtUs, nowUs),
      )
}

export type AlertNews = Pick<
  AlertEvent,
  'type' | 'alertId' | 'severity' | 'raisedAtUs' | 'windowEndUs'
>

/** End of an incident; null while it goes on, also when it was opened again after it was closed. */
export const endOf = ({ openedAtUs, closedAtUs }: Incident): number | null =>
  closedAtUs !== null && (openedAtUs === null || closedAtUs >= openedAtUs) ? closedAtUs : null

/** Whether a moment lies in the 30 days before a window's end. */
export const isRecent = (atUs: number, windowEndUs: number): boolean =>
  atUs >= windowEndUs - historyUs && atUs <= windowEndUs

/** Names tell one from another; of long ones a digest does. */
const shortOf = (name: string): string => (name.length <= nameLengthMax ? name : contentId(name))
const nameLengthMax = 64

const isKept = (endUs: number | null, nowUs: number): boolean =>
  endUs === null || endUs >= nowUs - historyUs

const unknownIncident: Omit<Incident, 'incident'> = {
  alertId: null,
  openedAtUs: null,
  closedAtUs: null,
}

const newest = <T>(
  items: readonly T[],
  beginOf: (item: T) => number,
  isWanted: (item: T) => boolean,
): readonly T[] =>
  items
    .filter(isWanted)
    .sort((a, b) => beginOf(a) - beginOf(b))
    .slice(-historyMax)
