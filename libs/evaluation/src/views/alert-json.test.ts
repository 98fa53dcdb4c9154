import { contentId, digestOf, noMarks, type AlertEvent, type AlertFields } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { signals } from '../testing/signals.ts'
import { alertHistories } from './alert-history.ts'
import { alertJson } from './alert-json.ts'

const beginUs = 1_795_230_000_000_000
const windowUs = 10_000_000

const fieldsAt = (n: number, episode: number, changes: Partial<AlertFields>): AlertFields => ({
  cause: { partition: 0, windowEndUs: beginUs + (n + 1) * windowUs, index: 0 },
  id: contentId(`${episode} ${n}`),
  alertId: contentId(`episode ${episode}`),
  fingerprint: contentId('fingerprint'),
  episode,
  rule: 'health',
  service: 'checkout',
  slo: null,
  labels: [],
  runbook: null,
  ...noMarks,
  severity: 'page',
  windowStartUs: beginUs + n * windowUs,
  windowEndUs: beginUs + (n + 1) * windowUs,
  raisedAtUs: beginUs + windowUs,
  summary: 'checkout: service DOWN, availability=50.0% (n=10)',
  evidence: {
    ruleId: contentId('rule'),
    configurationId: contentId('configuration'),
    previousStatus: 'healthy',
    status: 'down',
    signals: signals({ checks: 10, passed: 5 }),
    incomplete: false,
    condition: null,
    burn: null,
    budget: null,
    reasons: [],
  },
  inputs: [
    {
      topic: 'health-checks',
      partition: 2,
      firstOffset: 5,
      lastOffset: 9,
      records: 5,
      events: 10,
      digest: digestOf(1, 2),
    },
  ],
  ...changes,
})

const raised: AlertEvent = { type: 'AlertRaised', ...fieldsAt(0, 1, {}) }
const changed: AlertEvent = {
  type: 'AlertSeverityChanged',
  ...fieldsAt(1, 1, { severity: 'critical', summary: 'checkout: error_rate=20.0%' }),
  previousSeverity: 'page',
}
const resolved: AlertEvent = {
  type: 'AlertResolved',
  ...fieldsAt(2, 1, { severity: 'critical', summary: 'checkout: recovered' }),
  reason: 'recovered',
  resolvedAtUs: beginUs + 3 * windowUs,
}

const marks = {
  ...{ flapping: false, silencedBy: [], inhibitedBy: null, acknowledgement: null, escalation: 0 },
}

const jsonOf = (...events: readonly AlertEvent[]) => alertHistories(events).map(alertJson)

describe('alertJson', () => {
  it('gives the shape of a firing alert', () => {
    expect(jsonOf(raised)).toEqual([
      {
        alertId: raised.alertId,
        fingerprint: raised.fingerprint,
        rule: 'health',
        service: 'checkout',
        slo: null,
        labels: {},
        runbook: null,
        severity: 'page',
        state: 'firing',
        raisedAt: '2026-11-21T03:00:10Z',
        resolvedAt: null,
        reason: null,
        episode: 1,
        summary: 'checkout: service DOWN, availability=50.0% (n=10)',
        ...marks,
        evidence: {
          window: { start: '2026-11-21T03:00:00Z', end: '2026-11-21T03:00:10Z' },
          ruleId: raised.evidence.ruleId,
          configurationId: raised.evidence.configurationId,
          previousStatus: 'healthy',
          status: 'down',
          signals: {
            errorRate: null,
            availability: { ratio: 0.5, passed: 5, total: 10 },
            latency: null,
          },
          condition: null,
          burn: null,
          budget: null,
          reasons: [],
        },
        inputs: [
          {
            topic: 'health-checks',
            partition: 2,
            firstOffset: 5,
            lastOffset: 9,
            records: 5,
            events: 10,
            digest: '0000000100000002',
          },
        ],
        history: [
          {
            event: 'AlertRaised',
            at: '2026-11-21T03:00:10Z',
            severity: 'page',
            summary: 'checkout: service DOWN, availability=50.0% (n=10)',
            ...marks,
          },
        ],
      },
    ])
  })

  it('folds an episode into one alert, with the evidence of what fired last', () => {
    expect(jsonOf(raised, changed, resolved)).toMatchObject([
      {
        state: 'resolved',
        severity: 'critical',
        raisedAt: '2026-11-21T03:00:10Z',
        resolvedAt: '2026-11-21T03:00:30Z',
        reason: 'recovered',
        summary: 'checkout: error_rate=20.0%',
        evidence: { window: { end: '2026-11-21T03:00:20Z' } },
        history: [
          { event: 'AlertRaised' },
          { event: 'AlertSeverityChanged' },
          { event: 'AlertResolved', summary: 'checkout: recovered' },
        ],
      },
    ])
  })

  it('is not changed by repeats', () => {
    expect(jsonOf(raised, raised, changed, raised, changed, resolved, resolved)).toEqual(
      jsonOf(raised, changed, resolved),
    )
  })

  it('keeps episodes apart', () => {
    const again: AlertEvent = { type: 'AlertRaised', ...fieldsAt(5, 2, {}) }
    expect(jsonOf(raised, resolved, again).map(({ state, episode }) => [state, episode])).toEqual([
      ['resolved', 1],
      ['firing', 2],
    ])
  })

  it('gives the condition of a threshold rule with its unit', () => {
    const condition = { signal: 'p95', operator: '>', value: 200_000, forUs: 60_000_000 } as const
    const event = { ...raised, evidence: { ...raised.evidence, condition } }
    expect(jsonOf(event)[0]?.evidence.condition).toEqual({ ...condition, unit: 'us' })
  })

  it('tells marks as they are now, and evidence of what fires', () => {
    const acknowledgement = { by: 'ada', note: null, atUs: beginUs, untilUs: beginUs + windowUs }
    const marked: AlertEvent = {
      type: 'AlertMarked',
      ...fieldsAt(2, 1, { silencedBy: ['quiet'], summary: 'as it is told', severity: 'critical' }),
    }
    const answered: AlertEvent = {
      type: 'AlertAcknowledged',
      ...fieldsAt(3, 1, { silencedBy: ['quiet'], acknowledgement, severity: 'critical' }),
    }
    expect(jsonOf(raised, changed, marked, answered)).toMatchObject([
      {
        state: 'firing',
        severity: 'critical',
        summary: 'checkout: error_rate=20.0%',
        silencedBy: ['quiet'],
        acknowledgement: {
          ...{ by: 'ada', note: null, at: '2026-11-21T03:00:00Z' },
          until: '2026-11-21T03:00:10Z',
        },
        evidence: { window: { end: '2026-11-21T03:00:20Z' } },
        history: [
          { event: 'AlertRaised', silencedBy: [] },
          { event: 'AlertSeverityChanged', silencedBy: [] },
          { event: 'AlertMarked', silencedBy: ['quiet'], acknowledgement: null },
          { event: 'AlertAcknowledged', acknowledgement: { by: 'ada' } },
        ],
      },
    ])
  })
})
