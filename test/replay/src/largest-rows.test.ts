import { encodeOutput } from '@tidemark/codec'
import {
  evaluate,
  evaluatorState,
  reporterState,
  reportNext,
  takeSlice,
} from '@tidemark/evaluation'
import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import {
  contentId,
  defaultConfiguration,
  defaultLayout,
  defaultRuleFields,
  defaultServiceFields,
  digestOf,
  emptyLedger,
  governanceChecks,
  inputTopics,
  sendBytesMax,
  type AggregateEvent,
  type Configuration,
  type Fact,
  type InputTopic,
  type Layout,
  type Output,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'

const windowUs = defaultLayout.windowUs
/** A first of March, an hour into it. */
const beginUs = Date.UTC(2026, 2, 1, 1) * 1000
/** The largest and smallest long that the codec takes. */
const most = 2 ** 53 - 2
const least = -(2 ** 52)
const services = Array.from({ length: 60 }, (_, n) => `service-${n}`.padEnd(128, '.'))
const ids = Array.from({ length: 50 }, (_, n) => `objective-${n}`.padEnd(100, '-'))
const text = '日'.repeat(80)

/** Every service has 50 objectives, none of which is met; rules look at them over pairs of windows of their own, and raise alerts for one. */
const configuration: Configuration = {
  ...defaultConfiguration,
  services: services.map((service) => ({
    ...defaultServiceFields,
    ...{ service, team: text, tier: text },
    budget: { currency: 'AAA', amountMinor: 1 },
  })),
  slos: ids.map((id, n) => ({
    ...{ id, service: null, targetPpm: 999_999, period: { kind: 'rolling', days: (n % 31) + 1 } },
    indicator: { kind: 'availability', badStatuses: [{ from: 500, to: 599 }] },
  })),
  rules: Array.from({ length: 8 }, (_, rule) => ({
    ...defaultRuleFields,
    match: [{ label: 'service', operator: '=', value: services[0]! }],
    ...{ kind: 'burn-rate', id: `rule-${rule}`.padEnd(100, '-'), slos: null },
    windows: Array.from({ length: 10 }, (__, pair) => ({
      severity: 'page',
      longUs: 3_600_000_000 + 60_000_000 * (10 * rule + pair),
      ...{ shortUs: 300_000_000, budgetPpm: 20_000 },
    })),
  })),
}
const layout: Layout = { ...defaultLayout, partitions: 1, configuration }

let offset = 0
const causeOf = (topic: InputTopic) => ({ topic, partition: 0, offset: offset++, index: 0 })

const advanced = (topic: InputTopic, clockUs: number): AggregateEvent => ({
  ...{ type: 'PartitionAdvanced', cause: causeOf(topic), id: contentId(''), topic, partition: 0 },
  ...{ clockMs: clockUs / 1000, position: 0, ledger: emptyLedger, unwatched: null, late: [] },
})

const applied = (fact: Fact): AggregateEvent => ({
  ...{ type: 'FactApplied', cause: causeOf('facts'), id: contentId(''), fact },
  clockMs: beginUs / 1000,
})

/** Notes and amounts as large as can be recorded, in ten currencies. */
const factsOf = (service: string): readonly AggregateEvent[] => {
  const fields = { id: '', atUs: beginUs, by: null, note: '😀'.repeat(10_000), service }
  return [
    ...governanceChecks.map((check) =>
      applied({ ...fields, type: 'GovernanceEvidence', check, result: 'failed', untilUs: most }),
    ),
    ...Array.from({ length: 10 }, (_, n) =>
      applied({
        ...{ ...fields, type: 'CostRecorded', monthStartUs: Date.UTC(2026, 2, 1) * 1000 },
        throughUs: beginUs,
        ...{
          currency: `AA${String.fromCharCode(65 + n)}`,
          amountMinor: n % 2 === 0 ? most : least,
        },
      }),
    ),
    ...ids.map((slo, n) =>
      applied({
        ...{ ...fields, type: 'BudgetCorrected', id: `${n}`, slo, valid: most, bad: most },
      }),
    ),
  ]
}

const requestsOf = (service: string, endUs: number): AggregateEvent => {
  const histogram = emptyHistogram(layout.histogram)
  for (let us = 1; us < 700_000_000; us *= 2) record(histogram, us)
  const { total, overRange, maxUs } = histogram
  return {
    ...{ type: 'RequestWindowClosed', cause: causeOf('requests'), id: contentId(''), service },
    ...{ overflow: false, windowStartUs: endUs - windowUs, windowEndUs: endUs },
    ...{ identityChecked: true, incomplete: false, total, failed: total, overRange },
    ...{ latencyUsMax: maxUs, histogram: encodeV2(histogram), operations: [] },
    statuses: [{ status: 500, events: total }],
    input: {
      ...{ topic: 'requests', partition: 0, firstOffset: 0, lastOffset: 2 ** 40, records: 2 ** 40 },
      ...{ events: total, digest: digestOf(0, 7) },
    },
  }
}

describe('the largest rows that configuration and facts allow', () => {
  const outputs: Output[] = []
  const state = evaluatorState({ layout, partition: 0, partitionOf: () => 0 })
  const say = (event: AggregateEvent): void => {
    evaluate(state, event, (output) => outputs.push(output))
  }
  for (const topic of inputTopics) say(advanced(topic, beginUs))
  services.flatMap(factsOf).forEach(say)
  for (let endUs = beginUs + windowUs; endUs <= beginUs + 6 * windowUs; endUs += windowUs) {
    for (const service of services) say(requestsOf(service, endUs))
    for (const topic of inputTopics) say(advanced(topic, endUs + layout.graceUs))
  }

  it('are encoded, each event in one record, by evaluator and reporter', () => {
    const reporter = reporterState(layout)
    const sizes = new Map<string, number>()
    const note = (type: string, bytes: number): void => {
      sizes.set(type, Math.max(sizes.get(type) ?? 0, bytes))
    }
    outputs.forEach(({ event }, at) => {
      note(event.type, encodeOutput(event).value.length)
      if (event.type !== 'FleetSlice') return
      takeSlice(reporter, event, at)
      if (event.part + 1 < event.parts) return
      const report = reportNext(reporter)
      if (report !== null) note(report.type, encodeOutput(report).value.length)
    })
    expect([...sizes].filter(([, bytes]) => bytes > sendBytesMax - 50_000)).toEqual([])
    expect(sizes.get('FleetSlice')).toBeGreaterThan(300_000)
    expect(sizes.get('PlatformReported')).toBeGreaterThan(300_000)
  })

  it('come in parts, none of which leaves one out', () => {
    const slices = outputs.flatMap(({ event }) => (event.type === 'FleetSlice' ? [event] : []))
    const last = slices.filter(({ windowEndUs }) => windowEndUs === slices.at(-1)?.windowEndUs)
    expect(last.length).toBeGreaterThan(1)
    expect(last.map(({ part, parts }) => [part, parts])).toEqual(
      last.map((_, n) => [n, last.length]),
    )
    const rows = last.flatMap((slice) => slice.rows)
    expect(rows.map(({ service }) => service)).toEqual([...services].sort())
    expect(rows[0]).toMatchObject({
      standing: { status: 'critical' },
      governance: { status: 'non_compliant' },
    })
    expect(rows[0]?.slos).toHaveLength(50)
    expect(rows[0]?.costs).toHaveLength(10)
  })
})
