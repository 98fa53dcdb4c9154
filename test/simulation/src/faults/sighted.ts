import { ledgerOf } from '@tidemark/aggregation'
import { decode } from '@tidemark/codec'
import type { Broker } from './broker/broker.ts'
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

const sightedAlerts = ({ partitions }: Broker): readonly Sighting[] =>
  partitions('alerts')
    .flatMap(({ batches }) => batches)
    .filter(({ visible }) => visible !== null)
    .flatMap(({ entries }) => entries)
    .flatMap(({ value }) => {
      const decoded = decode(value)
      const type = decoded.ok ? decoded.event.type : null
      return those([
        ['alert-raised', type === 'AlertRaised'],
        ['alert-resolved', type === 'AlertResolved'],
      ])
    })

const those = (seen: readonly (readonly [Sighting, boolean])[]): readonly Sighting[] =>
  seen.filter(([, isSo]) => isSo).map(([sighting]) => sighting)
