import { isControlFact, type Fact, type Layout } from '@tidemark/model'
import type { AppliedFact } from './aggregates.ts'
import { inForceAt, type Configurations, type InForce } from './configurations.ts'
import { judgedWindows, type JudgedWindow, type PartitionSources } from './judged-windows.ts'
import { judgedService } from './judged-service.ts'
import { byText } from './lists.ts'
import { serviceLabels } from './matching.ts'
import { partitionOf } from './partition-of.ts'
import { newlyFollowed, type Followed } from './service.ts'
import { idsOf, silencesAt } from './silences.ts'
import { severestNewest, type FiringAlert, type ServiceRow, type Slice } from './slices.ts'

/** What the evaluator must make of one partition: the fields of its events by topic, in order. */
export type EvaluationOracle = {
  readonly assessments: readonly object[]
  readonly alerts: readonly object[]
  readonly slices: readonly Slice[]
}

type Ignored = { readonly endUs: number; readonly service: string; readonly events: number }

export const evaluationOracle = (
  layout: Layout,
  partition: number,
  sources: PartitionSources,
  configurations: Configurations,
): EvaluationOracle => {
  const { windowUs } = layout
  const facts = sources.facts.rows.filter((row): row is AppliedFact => row.type === 'FactApplied')
  const followed = new Map<string, Followed>()
  const ignored: Ignored[] = []
  const assessments: object[] = []
  const alerts: object[] = []
  const slices: Slice[] = []
  let actedUs = -1
  for (const window of judgedWindows(layout, sources)) {
    const { endUs } = window
    const startUs = endUs - windowUs
    const acting = facts.filter(({ clockMs }) => clockMs * 1000 <= startUs)
    const news = acting.filter(({ clockMs }) => clockMs * 1000 > actedUs)
    if (!window.isOpening) actedUs = startUs
    const inForce = inForceAt(startUs, facts, configurations)
    const silences = silencesAt(endUs, acting, inForce.configuration)
    const serviceRows: ServiceRow[] = []
    const firing: FiringAlert[] = []
    ignored.push(...takenIn({ layout, partition, inForce, followed, window, news }))
    for (const service of [...followed.keys()].sort(byText)) {
      const { configuration } = inForce
      const registered = configuration.services.find((one) => one.service === service) ?? null
      const own = ({ fact }: AppliedFact): readonly Fact[] =>
        !isControlFact(fact) && fact.service === service ? [fact] : []
      const maintenance = idsOf(silences.services, serviceLabels(service, registered))
      const judged = judgedService(
        followed.get(service)!,
        window.rows.filter((row) => row.service === service && !row.overflow),
        {
          ...{ layout, configuration, service, registered, maintenance, silences, partition },
          configurationId: inForce.id,
          isExpected: registered !== null && partitionOf(service, layout.partitions) === partition,
          isUnderMaintenance: maintenance.length > 0,
          news: news.flatMap(own),
        },
        window,
      )
      alerts.push(...judged.told)
      if (judged.after === null) {
        followed.delete(service)
        continue
      }
      followed.set(service, judged.after.followed)
      serviceRows.push(judged.after.row)
      firing.push(...judged.after.firing)
      assessments.push(judged.after.assessment)
    }
    const recent = ignored.filter((one) => one.endUs > endUs - inForce.configuration.horizonUs)
    slices.push({
      ...{ partition, windowEndUs: endUs, previousWindowEndUs: slices.at(-1)?.windowEndUs ?? null },
      ...{ rows: serviceRows, alertCount: firing.length, alerts: severestNewest(firing) },
      ignored: recent.map(({ service, events }) => ({ service, events })),
      positions: (['requests', 'health-checks', 'facts'] as const).map((topic, i) => ({
        ...{ topic, partition, position: window.positions[i]! },
      })),
    })
  }
  return { assessments, alerts, slices }
}

/**
 * Follows who is to be followed from this window on: who is expected here, then whoever facts and events are about, as far as there is room.
 * Says of whom none are judged.
 */
const takenIn = ({
  layout,
  partition,
  inForce: { configuration },
  followed,
  window: { endUs, rows, isOpening },
  news,
}: {
  readonly layout: Layout
  readonly partition: number
  readonly inForce: InForce
  readonly followed: Map<string, Followed>
  readonly window: JudgedWindow
  readonly news: readonly AppliedFact[]
}): readonly Ignored[] => {
  const named = configuration.services.map(({ service }) => service)
  const isTaken = (service: string): boolean => {
    if (configuration.unregistered === 'ignore' && !named.includes(service)) return false
    const unnamed = [...followed.keys()].filter((other) => !named.includes(other))
    const hasRoom = named.includes(service) || unnamed.length < configuration.unregisteredMax
    if (!followed.has(service) && hasRoom) followed.set(service, newlyFollowed(endUs))
    return followed.has(service)
  }
  if (!isOpening)
    for (const service of named)
      if (partitionOf(service, layout.partitions) === partition) isTaken(service)
  const ofFacts = news.flatMap(({ fact }) =>
    !isControlFact(fact) && !isTaken(fact.service) ? [{ service: fact.service, events: 1 }] : [],
  )
  const ofRows = rows
    .map(({ service, overflow, placed }) => ({ service, overflow, events: placed.length }))
    .sort((a, b) => byText(a.service, b.service))
    .filter(({ service, overflow }) => overflow || !isTaken(service))
  return [...ofFacts, ...ofRows].map(({ service, events }) => ({ endUs, service, events }))
}
