import { describe, expect, it } from '@jest/globals'
import { contentId, noMarks, type AlertEvent, type AlertFields } from '@tidemark/model'
import { testTerminal } from '../testing/terminal.ts'
import { alertLine } from './lines.ts'

const fields: AlertFields = {
  cause: { partition: 0, windowEndUs: 0, index: 0 },
  ...{ id: contentId('event'), alertId: contentId('alert'), fingerprint: contentId('rule') },
  ...{ episode: 1, rule: 'health', service: 'checkout', slo: null, labels: [], runbook: null },
  ...{ severity: 'page', windowStartUs: 0, windowEndUs: 1_795_230_000_000_000, raisedAtUs: 0 },
  summary: 'checkout: service DOWN',
  ...noMarks,
  evidence: {
    ...{ ruleId: contentId('r'), configurationId: contentId('c'), incomplete: false },
    ...{ previousStatus: 'healthy', status: 'down', condition: null, burn: null, budget: null },
    ...{ signals: { errorRate: null, availability: null, latency: null }, reasons: [] },
  },
  inputs: [],
}
const answer = { by: 'ada', note: null, atUs: 0, untilUs: null }
const hour = 1_795_233_600_000_000

describe('the line of an alert', () => {
  it.each<[AlertEvent, string]>([
    [{ type: 'AlertRaised', ...fields }, 'raised page [health] checkout: service DOWN'],
    [
      { type: 'AlertSeverityChanged', ...fields, severity: 'critical', previousSeverity: 'page' },
      'changed critical [health] checkout: service DOWN',
    ],
    [
      { type: 'AlertMarked', ...fields, silencedBy: ['quiet'], flapping: true },
      'marked page [health] checkout: service DOWN [flapping, silenced]',
    ],
    [
      { type: 'AlertMarked', ...fields, inhibitedBy: contentId('other') },
      'marked page [health] checkout: service DOWN [inhibited]',
    ],
    [
      { type: 'AlertAcknowledged', ...fields, acknowledgement: answer },
      'acknowledged page [health] checkout: service DOWN [acknowledged by ada]',
    ],
    [
      { type: 'AlertAcknowledged', ...fields, acknowledgement: { ...answer, untilUs: hour } },
      'acknowledged page [health] checkout: service DOWN [snoozed by ada until 2026-11-21 04:00]',
    ],
    [{ type: 'AlertAcknowledged', ...fields }, 'unanswered page [health] checkout: service DOWN'],
    [
      { type: 'AlertEscalated', ...fields, escalation: 2 },
      'escalated page [health] checkout: service DOWN [escalated 2 times]',
    ],
    [
      { type: 'AlertResolved', ...fields, escalation: 2, reason: 'recovered', resolvedAtUs: hour },
      'resolved [health] checkout: service DOWN',
    ],
  ])('tells what happened, and the marks: %#', (event, words) => {
    expect(alertLine(testTerminal(), event)).toBe(`03:00:00Z  alert   ${words}`)
  })
})
