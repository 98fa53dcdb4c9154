import { encode } from '@tidemark/codec'
import {
  checkpointOf,
  evaluatorState,
  hasWork,
  judge,
  take,
  type EvaluatorState,
} from '@tidemark/evaluation'
import {
  canonicalJson,
  configurationId,
  contentId,
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  digestOf,
  emptyLedger,
  inputTopics,
  keyOfEvent,
  offset,
  type AggregateEvent,
  type Checkpoint,
  type InputTopic,
  type Layout,
  type RecordBatches,
  type Slo,
} from '@tidemark/model'
import { encodeUtf8, writeRecordBatch } from '@tidemark/wire'
import type { Random } from '../harness/random.ts'
import { variantsOf, type Counts } from './counts.ts'

// A partition of an evaluator: services that have a month behind them, the windows that come next, and the checkpoint before these. The
// month is that of one service, copied to all: leading ten thousand through it would take a quarter of an hour.

export type Partition = {
  readonly layout: Layout
  readonly services: readonly string[]
  readonly checkpoint: Checkpoint
  /** Windows behind the checkpoint, as the log hands out their records. */
  readonly windows: readonly RecordBatches[]
  /** What a service sent in a window by its number, from 1 behind the checkpoint, down to -4: the horizon of the first one. */
  readonly countsOf: (service: number, window: number) => Counts
}

export const windowUs = defaultLayout.windowUs
const hourUs = 3_600_000_000
const minuteUs = 60_000_000
/** A first of March; the month before is what every service has behind it. */
const monthEndUs = Date.UTC(2026, 2, 1) * 1000
/** Windows of every service that the checkpoint has in its horizon, and one that pushes the template's out. */
const windowsBehind = 7

type PartitionOptions = {
  readonly random: Random
  readonly services: number
  readonly slos: readonly Slo[]
  readonly windows: number
}

export const partitionOf = ({
  random,
  services: count,
  slos,
  windows: ahead,
}: PartitionOptions): Partition => {
  const services = Array.from({ length: count }, (_, n) => `service-${String(n).padStart(5, '0')}`)
  const layout = layoutOf(services, slos)
  const variants = variantsOf(random)
  const countsOf = (service: number, window: number): Counts =>
    variants[(service + window + windowsBehind) % variants.length]!
  const eventsOf = (number: number): readonly AggregateEvent[] => {
    const counts = services.map((_, n) => countsOf(n, number))
    return windowOf(services, monthEndUs + (number + windowsBehind) * windowUs, counts)
  }
  const state = stateBehind(layout, services, slos, (step) => countsOf(0, step))
  for (let number = 1 - windowsBehind; number <= 0; number++) judged(state, eventsOf(number))
  const checkpoint = checkpointOf(state, offset(0))
  const windows: RecordBatches[] = []
  for (let number = 1; number <= ahead; number++)
    windows.push(batchesOf(eventsOf(number), windows.at(-1)?.nextOffset ?? 0))
  return { layout, services, checkpoint, windows, countsOf }
}

export const onePartition = (layout: Layout) => ({ layout, partition: 0, partitionOf: () => 0 })

/** The state of all services after the month, each as if it were the one that was led through it. */
const stateBehind = (
  layout: Layout,
  services: readonly string[],
  slos: readonly Slo[],
  countsOf: (step: number) => Counts,
): EvaluatorState => {
  const template = monthBehind(slos, countsOf)
  const [one] = template.services.values()
  const id = configurationId(layout.configuration)
  const copyOf = (service: string): typeof one => ({
    ...one!,
    service,
    slos: {
      configurationId: id,
      counters: one!.slos.counters.map((counter, n) => {
        const { indicator, period } = slos[n]!
        return { ...counter, objectiveId: contentId(canonicalJson([service, indicator, period])) }
      }),
    },
  })
  return {
    ...template,
    ...{ options: onePartition(layout), names: null, unregistered: 0 },
    ...prepared(layout),
    services: new Map(services.map((service) => [service, copyOf(service)!])),
  }
}

const prepared = (layout: Layout): Pick<EvaluatorState, 'plan' | 'plans'> => {
  const { plan, plans } = evaluatorState(onePartition(layout))
  return { plan, plans }
}

/** Of one service: all hours of the month, and the minutes of its last six hours. */
const monthBehind = (slos: readonly Slo[], countsOf: (step: number) => Counts): EvaluatorState => {
  const state = evaluatorState(onePartition(layoutOf(['template'], slos)))
  let step = 0
  const hoursEndUs = monthEndUs - 6 * hourUs
  for (let atUs = monthEndUs - 30 * 24 * hourUs; atUs < hoursEndUs; atUs += hourUs)
    judged(state, windowOf(['template'], atUs, [countsOf(step++)], atUs - hourUs))
  for (let atUs = hoursEndUs; atUs <= monthEndUs; atUs += minuteUs)
    judged(state, windowOf(['template'], atUs, [countsOf(step++)], atUs - minuteUs))
  return state
}

const judged = (state: EvaluatorState, events: readonly AggregateEvent[]): void => {
  for (const event of events) {
    take(state, event)
    while (hasWork(state)) judge(state, Infinity, () => undefined)
  }
}

const layoutOf = (services: readonly string[], slos: readonly Slo[]): Layout => ({
  ...defaultLayout,
  partitions: 1,
  configuration: {
    ...defaultConfiguration,
    slos,
    services: services.map((service) => ({ ...defaultServiceFields, service, owner: 'crew' })),
  },
})

/** What services sent in the window that ends at `endUs`, and the clocks that close it; the window before it ended at `sinceUs`. */
const windowOf = (
  services: readonly string[],
  endUs: number,
  counts: readonly Counts[],
  sinceUs = endUs - windowUs,
): readonly AggregateEvent[] => [
  ...services.map((service, index): AggregateEvent => {
    const { latenciesUs: _, ...told } = counts[index]!
    return {
      ...{ type: 'RequestWindowClosed', id: contentId('window'), service, overflow: false },
      ...{ windowStartUs: endUs - windowUs, windowEndUs: endUs, identityChecked: true },
      ...{ cause: causeOf('requests', endUs, index), incomplete: false, ...told },
      input: {
        ...{ topic: 'requests', partition: 0, firstOffset: 0, lastOffset: 1, records: 1 },
        ...{ events: told.total, digest: digestOf(index, 7) },
      },
    }
  }),
  ...inputTopics.map((topic) => advanced(topic, endUs, sinceUs)),
]

const causeOf = (topic: InputTopic, endUs: number, index: number) => ({
  ...{ topic, partition: 0, offset: endUs / windowUs, index },
})

const advanced = (topic: InputTopic, endUs: number, sinceUs: number): AggregateEvent => ({
  type: 'PartitionAdvanced',
  cause: causeOf(topic, endUs, 1_000_000),
  ...{ id: contentId('advanced'), topic, partition: 0, position: 0, ledger: emptyLedger, late: [] },
  clockMs: (endUs + defaultLayout.graceUs) / 1000,
  // Nobody watched between two windows of the month that every service has behind it.
  unwatched:
    sinceUs === endUs - windowUs
      ? null
      : { fromMs: sinceUs / 1000, toMs: (endUs - windowUs) / 1000 },
})

const recordsPerBatch = 500

const batchesOf = (events: readonly AggregateEvent[], from: number): RecordBatches => {
  const entries = events.map((event) => ({
    key: encodeUtf8(keyOfEvent(event) ?? ''),
    ...{ value: encode(event), timestampMs: 0 },
  }))
  const batches: Uint8Array[] = []
  for (let at = 0; at < entries.length; at += recordsPerBatch)
    batches.push(writeRecordBatch(entries.slice(at, at + recordsPerBatch), from + at))
  const nextOffset = offset(from + entries.length)
  return {
    ...{ topic: 'aggregates', partition: 0, bytes: new Uint8Array(Buffer.concat(batches)) },
    ...{ fromOffset: offset(from), nextOffset, endOffset: nextOffset },
  }
}
