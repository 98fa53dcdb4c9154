import { compareUtf8, type Id } from '@tidemark/model'
import type { Assessment } from '../assessment.ts'
import type { ServicePlan } from '../service-plan.ts'
import type { Episode } from './episode.ts'
import { inhibitorOf, type UpAlert } from './inhibition.ts'
import { alertLabels, labelsByName, type Labels } from './labels.ts'
import type { AlertSubject } from './rules.ts'
import { silencedBy } from './silences.ts'
import type { TurnedAlert } from './turned-alert.ts'

/** What hides an episode: silences, maintenance and another alert. */
export type Hiding = { readonly silencedBy: readonly string[]; readonly inhibitedBy: Id | null }

/**
 * What hides each of these alerts after this window, whose verdicts have decided which of them are up: so an alert that is raised together
 * with its inhibitor is inhibited at once. Alerts without an episode are hidden by nothing.
 */
export const hidingsOf = (
  assessment: Assessment,
  turned: readonly TurnedAlert[],
): readonly Hiding[] => {
  if (isAsBefore(assessment, turned)) return turned.map(({ episode }) => episode ?? nothing)
  const up = upAfter(assessment, turned)
  return turned.map(({ subject, episode }) =>
    episode === null
      ? nothing
      : hidingOf(assessment, up, labelsOf(subject, assessment.service, episode)),
  )
}

/** What hides an alert with these labels after a window, where these are up. */
export const hidingOf = (
  { plan, maintenance, window }: Assessment,
  up: readonly UpAlert[],
  labels: Labels,
): Hiding => ({
  silencedBy: merged(silencedBy(window.silences.silences, labels), maintenance.ids),
  inhibitedBy: inhibitorOf(plan.inhibition, up, labels),
})

/** Alerts of the service that are up after a window, in the order of the configuration. */
export const upAfter = (
  { service }: Assessment,
  turned: readonly TurnedAlert[],
): readonly UpAlert[] =>
  turned.flatMap(({ subject, episode, turn }) =>
    episode === null || turn.kind === 'resolved'
      ? []
      : [{ alertId: episode.alertId, labels: labelsOf(subject, service, episode) }],
  )

/** What matchers see of an alert. */
export const labelsOf = (
  { prepared: { rule }, slo }: AlertSubject,
  service: Pick<ServicePlan, 'labels'>,
  { severity }: Pick<Episode, 'severity'>,
): Labels => labelsByName(alertLabels(rule, slo, service.labels, severity))

export const hidesAlike = (a: Hiding, b: Hiding): boolean =>
  a.inhibitedBy === b.inhibitedBy &&
  a.silencedBy.length === b.silencedBy.length &&
  a.silencedBy.every((id, at) => id === b.silencedBy[at])

const nothing: Hiding = { silencedBy: [], inhibitedBy: null }

/** Silences, labels and what is up are those of the window before: so is what follows from them. True of nearly every window. */
const isAsBefore = ({ window }: Assessment, turned: readonly TurnedAlert[]): boolean =>
  !window.hasNewSilences &&
  window.previous === null &&
  turned.every(({ turn }) => turn.kind === 'none' || turn.kind === 'flapping')

/** Both are sorted; a silence and maintenance that share an id count once. */
const merged = (a: readonly string[], b: readonly string[]): readonly string[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...new Set([...a, ...b])].sort(compareUtf8)
