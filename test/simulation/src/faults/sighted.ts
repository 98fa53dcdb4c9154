import { ledgerOf } from '@tidemark/aggregation'
import { decode } from '@tidemark/codec'
import type { TidemarkEvent, TopicName } from '@tidemark/model'
import type { Broker } from './broker/broker.ts'
import type { StoredBatch } from './broker/partition.ts'
import type { Chronicle } from './chronicle.ts'
import type { Sighting } from './fault-classes.ts'
import type { Acquisition, StoreCommit } from './run.ts'

/** Notes what can be told in the end only. */
export const noteSightings = (chronicle: Chronicle, broker: Broker): void => {
  const { unknownCommits, unknownPublications, acquisitions, storeCommits } = chronicle
  const all: readonly Sighting[] = [
    ...unknownCommits.map((batch) =>
      (batch?.visible ?? null) === null
        ? 'unknown-commit-had-no-effect'
        : 'unknown-commit-took-effect',
    ),
    ...unknownPublications.map(({ batch }) =>
      batch === null ? 'unknown-publish-had-no-effect' : 'unknown-publish-took-effect',
    ),
    ...sightedAcquisitions(acquisitions),
    ...sightedStore(acquisitions, storeCommits),
    ...sightedLedgers(broker),
    ...sightedAlerts(broker),
    ...sightedServices(broker),
    ...sightedFacts(broker),
    ...sightedChanges(broker, acquisitions),
  ]
  for (const sighting of all) chronicle.sight(sighting)
}

/** What sessions began with, in their order: one sighting for each that it holds of. */
const sightedAcquisitions = (acquisitions: readonly Acquisition[]): readonly Sighting[] => {
  const owners = new Map<string, string>()
  return acquisitions.flatMap(({ writer, checkpoint, positions }) => {
    const task = `${writer.processor}/${writer.task}`
    const before = owners.get(task)
    owners.set(task, writer.process)
    const isIn = (processor: string): boolean => writer.processor === processor
    const hasOpen = (): boolean =>
      checkpoint !== null && ledgerOf(checkpoint).some(({ open }) => open > 0)
    const parts = [...(checkpoint?.keys() ?? [])]
    return those([
      ['task-moved', before !== undefined && before !== writer.process],
      ['restored-in-mid-window', isIn('aggregator') && hasOpen()],
      [
        'restored-evaluator-judged-again',
        isIn('evaluator') && positions.some((at) => at.from < at.position),
      ],
      ['windows-saved-in-checkpoint', parts.some((part) => part.startsWith('windows/'))],
    ])
  })
}

/** Whether the store was ahead of what the log knew of it when a sink took over. */
const sightedStore = (
  acquisitions: readonly Acquisition[],
  commits: readonly StoreCommit[],
): readonly Sighting[] =>
  acquisitions
    .filter(({ writer }) => writer.processor === 'sink')
    .flatMap(({ at, positions }) => {
      const stored = commits.findLast((commit) => commit.at.order < at.order)?.positions ?? []
      const isAhead = positions.some((log) =>
        stored.some(
          (each) =>
            each.topic === log.topic &&
            each.partition === log.partition &&
            each.position > log.position,
        ),
      )
      return those([['store-ahead-of-log', isAhead]])
    })

const sightedLedgers = ({ layout, states }: Broker): readonly Sighting[] =>
  Array.from({ length: layout().partitions }, (_, task) => states.stored('aggregator', task))
    .flatMap((state) => (state === null ? [] : ledgerOf(state.checkpoint)))
    .flatMap(({ ledger }) =>
      those([
        ['event-late', ledger.late > 0],
        ['event-duplicate-suppressed', ledger.duplicate > 0],
        ['event-rejected', ledger.rejected.length > 0],
      ]),
    )

const sightedAlerts = (broker: Broker): readonly Sighting[] =>
  visibleIn(broker, 'alerts').flatMap((event) => {
    if (!('fingerprint' in event)) return []
    const { type, flapping, silencedBy, inhibitedBy, acknowledgement } = event
    const isResolved = type === 'AlertResolved'
    return those([
      ['alert-raised', type === 'AlertRaised'],
      ['alert-resolved', isResolved],
      ['alert-marked', type === 'AlertMarked'],
      ['alert-silenced', silencedBy.length > 0],
      ['alert-inhibited', inhibitedBy !== null],
      ['alert-acknowledged', type === 'AlertAcknowledged' && acknowledgement !== null],
      ['snooze-ended', type === 'AlertAcknowledged' && acknowledgement === null],
      ['alert-escalated', type === 'AlertEscalated'],
      ['alert-flapping', flapping],
      ['alert-of-a-rule-that-is-gone', isResolved && event.reason === 'rule_removed'],
    ])
  })

const sightedServices = (broker: Broker): readonly Sighting[] =>
  visibleIn(broker, 'assessments').flatMap((event) =>
    event.type === 'ServiceAssessed'
      ? those([
          ['service-under-maintenance', event.status === 'maintenance'],
          ['objective-burning', event.slos.some(({ burning }) => burning !== null)],
        ])
      : [],
  )

const sightedFacts = (broker: Broker): readonly Sighting[] => [
  ...visibleIn(broker, 'aggregates').flatMap((event) =>
    event.type === 'FactApplied'
      ? those([
          ['fact-applied', true],
          ['configuration-activated', event.fact.type === 'ConfigurationActivated'],
        ])
      : [],
  ),
  ...visibleIn(broker, 'rejected').flatMap((event) =>
    event.type === 'RecordRejected' ? those([['fact-refused', event.cause.topic === 'facts']]) : [],
  ),
]

/** Evaluators that were restored from before an activation, and judge again what they had judged behind it. */
const sightedChanges = (
  broker: Broker,
  acquisitions: readonly Acquisition[],
): readonly Sighting[] =>
  acquisitions
    .filter(({ writer }) => writer.processor === 'evaluator')
    .flatMap(({ positions }) =>
      positions.flatMap(({ topic, partition, from, position }) => {
        const isBetween = ({ baseOffset, entries }: StoredBatch): boolean =>
          entries.some(({ value }, i) => {
            const decoded = decode(value)
            return (
              decoded.ok &&
              decoded.event.type === 'FactApplied' &&
              decoded.event.fact.type === 'ConfigurationActivated' &&
              baseOffset + i >= from &&
              baseOffset + i < position
            )
          })
        const { batches } = broker.partition(topic, partition)
        return those([['configuration-changed-before-restore', batches.some(isBetween)]])
      }),
    )

/** What readers of the committed view have seen of a topic. */
const visibleIn = ({ partitions }: Broker, topic: TopicName): readonly TidemarkEvent[] =>
  partitions(topic)
    .flatMap(({ batches }) => batches)
    .filter(({ visible }) => visible !== null)
    .flatMap(({ entries }) => entries)
    .flatMap(({ value }) => {
      const decoded = decode(value)
      return decoded.ok ? [decoded.event] : []
    })

const those = (seen: readonly (readonly [Sighting, boolean])[]): readonly Sighting[] =>
  seen.filter(([, isSo]) => isSo).map(([sighting]) => sighting)
