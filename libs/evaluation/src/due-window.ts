import { compareUtf8, inputTopics, type IgnoredTraffic } from '@tidemark/model'
import { applyFacts } from './apply-facts.ts'
import { changePlan, governing } from './configuration-change.ts'
import {
  closedByAll,
  openingEnd,
  sortedNames,
  type EvaluatorState,
  type Judging,
  type PendingWindow,
} from './evaluator-state.ts'
import { follow, followed, isFollowed } from './following.ts'
import { activeSilences } from './alerting/silences.ts'
import { ignoredRow, mergeIgnored, overflowName } from './ignored-traffic.ts'
import { dropDueFacts, dueFacts } from './pending-facts.ts'
import { newService } from './service-state.ts'
import { positionAt, stretchAround } from './source-progress.ts'

/** End of the next window that is due and was watched, or holds something; null when there is none yet. */
export const nextDue = (state: EvaluatorState): number | null => {
  const { plan, sources } = state
  if (state.nextEndUs === null) return null
  const dueUs = closedByAll(state)
  if (isOpening(state)) return state.nextEndUs
  // Each turn but the last leaves an unwatched stretch behind, however many windows long.
  while (state.nextEndUs <= dueUs && !state.pending.has(state.nextEndUs)) {
    const endUs: number = state.nextEndUs
    const ofRequests = stretchAround(sources.requests, endUs, plan.windowUs)
    const ofChecks = stretchAround(sources['health-checks'], endUs, plan.windowUs)
    if (ofRequests === null || ofChecks === null) return endUs
    const untilUs = Math.min(ofRequests.toMs, ofChecks.toMs) * 1000
    const watchedEndUs = untilUs - (untilUs % plan.windowUs) + plan.windowUs
    const somethingUs = earliest(state.pending.keys())
    state.nextEndUs = Math.min(watchedEndUs, dueUs + plan.windowUs, somethingUs)
    state.skippedUs += state.nextEndUs - endUs
  }
  return state.nextEndUs <= dueUs ? state.nextEndUs : null
}

/**
 * Begins to judge the next window that is due, under the configuration that is in force for it, with the facts that act on it and the services
 * that it brings. Null where none is due, or where the state awaits a configuration.
 */
export const openWindow = (state: EvaluatorState): Judging | null => {
  const windowEndUs = nextDue(state)
  if (windowEndUs === null) return null
  const windowStartUs = windowEndUs - state.plan.windowUs
  const facts = dueFacts(state.facts, windowStartUs)
  const ruling = governing(state, facts, windowStartUs)
  state.awaited = ruling.kind === 'missing' ? ruling.configurationId : null
  if (ruling.kind === 'missing') return null
  const previous = changePlan(state, ruling.plan)
  state.activations = ruling.activations
  dropDueFacts(state.facts, windowStartUs)
  const { plan, sources } = state
  const pending = state.pending.get(windowEndUs) ?? { rows: new Map(), overflowEvents: 0 }
  state.pending.delete(windowEndUs)
  if (!isOpening(state))
    for (const service of plan.expected)
      if (!state.services.has(service)) follow(state, newService(service, windowEndUs))
  const ignoredFacts = applyFacts(
    state,
    facts.map(({ fact }) => fact),
    windowEndUs,
  )
  const ignored = mergeIgnored([...ignoredFacts, ...admit(state, pending, windowEndUs)])
  const oldestUs = windowEndUs - plan.configuration.horizonUs
  state.ignored = [...state.ignored, { endUs: windowEndUs, rows: ignored }].filter(
    ({ endUs, rows }) => endUs > oldestUs && rows.length > 0,
  )
  const silences = activeSilences(plan.silences, state.silences, windowEndUs, state.active)
  const hasNewSilences = silences !== state.active
  state.active = silences
  return {
    window: {
      windowEndUs,
      watchedUs: windowEndUs - state.skippedUs,
      watched: {
        requests: stretchAround(sources.requests, windowEndUs, plan.windowUs) === null,
        checks: stretchAround(sources['health-checks'], windowEndUs, plan.windowUs) === null,
      },
      silences,
      hasNewSilences,
      previous,
    },
    sent: pending.rows,
    names: sortedNames(state),
    positions: inputTopics.map((topic) => ({
      topic,
      partition: plan.partition,
      position: positionAt(sources[topic], windowEndUs),
    })),
    nextService: 0,
    nextPart: 0,
    nextIndex: 0,
    rows: [],
    parts: null,
    firing: [],
  }
}

const isOpening = (state: EvaluatorState): boolean =>
  state.previousEndUs === null && state.nextEndUs !== null && state.nextEndUs === openingEnd(state)

const earliest = (times: Iterable<number>): number => {
  let found = Infinity
  for (const time of times) found = Math.min(found, time)
  return found
}

/** Follows the services that appear in a window, as far as configuration and cap allow; returns the traffic of the others. */
const admit = (
  state: EvaluatorState,
  { rows, overflowEvents }: PendingWindow,
  windowEndUs: number,
): readonly IgnoredTraffic[] => {
  const ignored: IgnoredTraffic[] = []
  if (overflowEvents > 0) ignored.push({ service: overflowName, events: overflowEvents })
  // Nearly all are followed: only the others have to come in order.
  const others = [...rows].filter(([service]) => !isFollowed(state, service))
  for (const [service, row] of others.sort(([a], [b]) => compareUtf8(a, b)))
    if (followed(state, service, windowEndUs) === null) ignored.push(ignoredRow(row, service))
  return ignored
}
