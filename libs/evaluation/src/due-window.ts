import { compareUtf8, inputTopics, type IgnoredTraffic } from '@tidemark/model'
import {
  closedByAll,
  openingEnd,
  sortedNames,
  type EvaluatorState,
  type Judging,
  type PendingWindow,
} from './evaluator-state.ts'
import { ignoredRow, mergeIgnored, overflowName } from './ignored-traffic.ts'
import { newService, type ServiceState } from './service-state.ts'
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

/** Begins to judge the next window that is due, with the services that it brings. */
export const openWindow = (state: EvaluatorState): Judging | null => {
  const windowEndUs = nextDue(state)
  if (windowEndUs === null) return null
  const { plan, sources } = state
  const pending = state.pending.get(windowEndUs) ?? { rows: new Map(), overflowEvents: 0 }
  state.pending.delete(windowEndUs)
  if (!isOpening(state))
    for (const service of plan.expected)
      if (!state.services.has(service)) follow(state, newService(service, windowEndUs))
  const ignored = admit(state, pending, windowEndUs)
  const oldestUs = windowEndUs - plan.configuration.horizonUs
  state.ignored = [...state.ignored, { endUs: windowEndUs, rows: ignored }].filter(
    ({ endUs, rows }) => endUs > oldestUs && rows.length > 0,
  )
  return {
    window: {
      windowEndUs,
      watchedUs: windowEndUs - state.skippedUs,
      watched: {
        requests: stretchAround(sources.requests, windowEndUs, plan.windowUs) === null,
        checks: stretchAround(sources['health-checks'], windowEndUs, plan.windowUs) === null,
      },
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
  const { registered, configuration } = state.plan
  const ignored: IgnoredTraffic[] = []
  if (overflowEvents > 0) ignored.push({ service: overflowName, events: overflowEvents })
  const unknown = [...rows].filter(([service]) => !state.services.has(service))
  for (const [service, row] of unknown.sort(([a], [b]) => compareUtf8(a, b))) {
    const isRegistered = registered.has(service)
    const isAdmitted =
      isRegistered ||
      (configuration.unregistered === 'register' &&
        state.unregistered < configuration.unregisteredMax)
    if (isAdmitted) follow(state, newService(service, windowEndUs))
    else ignored.push(ignoredRow(row, service))
  }
  return mergeIgnored(ignored)
}

const follow = (state: EvaluatorState, service: ServiceState): void => {
  if (!state.plan.registered.has(service.service)) state.unregistered++
  state.services.set(service.service, service)
  state.names = null
}
