import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import { evaluatorState, hasWork, judge, take } from '@tidemark/evaluation'
import {
  contentId,
  defaultLayout,
  digestOf,
  emptyLedger,
  inputTopics,
  type AggregateEvent,
  type Configuration,
  type InputTopic,
  type Output,
} from '@tidemark/model'

// How long it takes to judge one window of ten thousand services under the default rules and objectives, with a full horizon, and how much
// of that is CPU time: `node evaluation.bench.ts [services] [share of them that are failing]`.

const services = Number(process.argv[2] ?? 10_000)
const failingShare = Number(process.argv[3] ?? 0)
const warmUpWindows = 8
const measuredWindows = 10
const windowUs = defaultLayout.windowUs
const beginUs = 1_700_000_000_000_000 - (1_700_000_000_000_000 % windowUs)

const names = Array.from({ length: services }, (_, n) => `service-${String(n).padStart(5, '0')}`)
const configuration: Configuration = {
  ...defaultLayout.configuration,
  services: names.map((service, n) => ({
    service,
    team: `team-${n % 50}`,
    tier: String(n % 3),
    owner: 'somebody',
    runbook: 'https://runbooks.example/service',
    documentation: null,
    incidentResponse: null,
    budget: null,
    skips: [],
    health: null,
  })),
}

const histogram = (() => {
  const filled = emptyHistogram(defaultLayout.histogram)
  for (let n = 0; n < 50; n++) record(filled, 20_000 + n * 700)
  return { bytes: encodeV2(filled), maxUs: filled.maxUs }
})()

const offsets: Record<InputTopic, number> = { requests: 0, 'health-checks': 0, facts: 0 }
const causeOf = (topic: InputTopic) => ({ topic, partition: 0, offset: offsets[topic]++, index: 0 })

const windowRows = (endUs: number): AggregateEvent[] =>
  names.map((service, n) => {
    const failed = n < services * failingShare ? 10 : 0
    return {
      type: 'RequestWindowClosed',
      cause: causeOf('requests'),
      id: contentId('row'),
      service,
      overflow: false,
      windowStartUs: endUs - windowUs,
      windowEndUs: endUs,
      total: 50,
      failed,
      statuses: [{ status: 200, events: 50 }],
      overRange: 0,
      latencyUsMax: histogram.maxUs,
      histogram: histogram.bytes,
      operations: [],
      identityChecked: true,
      incomplete: false,
      input: {
        ...{ topic: 'requests', partition: 0, firstOffset: 0, lastOffset: 1, records: 1 },
        ...{ events: 50, digest: digestOf(0, 1) },
      },
    }
  })

const advances = (atUs: number): AggregateEvent[] =>
  inputTopics.map((topic) => {
    const cause = causeOf(topic)
    return {
      type: 'PartitionAdvanced',
      cause,
      id: contentId('advance'),
      topic,
      partition: 0,
      clockMs: atUs / 1000,
      position: cause.offset,
      ledger: emptyLedger,
      unwatched: null,
      late: [],
    }
  })

const state = evaluatorState({
  layout: { ...defaultLayout, configuration },
  partition: 0,
  partitionOf: () => 0,
})
for (const event of advances(beginUs + 5_000_000)) take(state, event)

const figures: { readonly cpuMs: number; readonly wallMs: number }[] = []
const counts: Record<string, number> = {}
for (let n = 0; n < warmUpWindows + measuredWindows; n++) {
  const endUs = beginUs + (n + 1) * windowUs
  for (const event of windowRows(endUs)) take(state, event)
  for (const event of advances(endUs + 5_000_000)) take(state, event)
  const cpu = process.cpuUsage()
  const began = performance.now()
  const emit = ({ event }: Output): void => {
    if (n >= warmUpWindows) counts[event.type] = (counts[event.type] ?? 0) + 1
  }
  while (hasWork(state)) judge(state, 1000, emit)
  const { user, system } = process.cpuUsage(cpu)
  if (n >= warmUpWindows)
    figures.push({ cpuMs: (user + system) / 1000, wallMs: performance.now() - began })
}

const median = (of: (figure: (typeof figures)[number]) => number): string =>
  figures
    .map(of)
    .toSorted((a, b) => a - b)
    [Math.floor(measuredWindows / 2)]!.toFixed(0)
console.log(
  `${services} services, ${failingShare * 100} % failing: CPU ${median(({ cpuMs }) => cpuMs)} ms, wall ${median(({ wallMs }) => wallMs)} ms a window`,
  counts,
)
