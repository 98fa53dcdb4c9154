import { describe, expect, it } from '@jest/globals'
import type { AlertEvent, FactApplied } from '@tidemark/model'
import { aLife, alertFieldsAt, asOfUs } from '../testing/shop-report.ts'
import { alertHistories } from './alert-history.ts'
import { inhibitorsNamed, silencesNamed, storyJson, storyText } from './alert-story.ts'
import { silencesOf } from './silences.ts'

const factOf = (fact: object, at: number): FactApplied => ({
  type: 'FactApplied',
  cause: { topic: 'facts', partition: 0, offset: at, index: 0 },
  id: 'id' as never,
  clockMs: at,
  fact: { id: 'x', atUs: asOfUs, by: 'ada', note: null, ...fact } as never,
})
const created = factOf(
  {
    ...{ type: 'SilenceCreated', id: '6f1c2d3e', matchers: '{service="payment-service"}' },
    ...{ fromUs: asOfUs, toUs: asOfUs + 3_600_000_000, maintenance: false, note: 'moving' },
  },
  1,
)
const ended = factOf({ type: 'SilenceExpired', silenceId: '6f1c2d3e', atUs: asOfUs + 1 }, 2)

const [history] = alertHistories(aLife)
const story = { history: history!, silences: silencesOf([created, created, ended]), inhibitors: [] }

describe('the story of an alert', () => {
  it('tells what happened, on what evidence, from which records', () => {
    expect(storyText(story, 110)).toBe(`\
page  payment-service: service DOWN, availability=50.0% (n=10)
Alert df905058dd67a409fef81480e81e4736, episode 1 of 44863b03e9909b7100e05b02526909a3: resolved after 20m (recovered)
Labels: alertname="health", rule="health", service="payment-service", severity="page", team="crew"
Runbook: https://runbooks.example/payment

What happened
AT                    EVENT             SEVERITY  TOLD
2026-11-21T03:01:00Z  raised            critical  payment-service: error_rate=12.4% p99=1180ms (n=412)
2026-11-21T03:01:20Z  marked            critical  silenced by 6f1c2d3e
2026-11-21T03:06:00Z  marked            critical  flapping: it changes too often to tell each change; no
                                                  longer silenced by 6f1c2d3e
2026-11-21T03:16:10Z  escalated         critical  flapping ended; step 1: nobody had answered
2026-11-21T03:16:50Z  acknowledged      critical  answered by ada: rolling back
2026-11-21T03:17:40Z  severity changed  page      payment-service: service DOWN, availability=50.0% (n=10)
2026-11-21T03:21:00Z  resolved          page      payment-service: recovered; the answer ended

Evidence of the window 2026-11-21T03:17:30Z to 2026-11-21T03:17:40Z
  status      healthy -> critical
  error rate  12.4% (51 of 412)
  checks      93.1% passed (27 of 29)
  p50         1180ms (1,180,000 to 1,180,000 us)
  p95         1180ms (1,180,000 to 1,180,000 us)
  p99         1180ms (1,180,000 to 1,180,000 us)
  p999        1180ms (1,180,000 to 1,180,000 us)
  slowest     1180ms of 412 requests
  rule        ${history!.latest.evidence.ruleId}
  in force    configuration ${history!.latest.evidence.configurationId}

Rests on
TOPIC     PARTITION  FIRST  LAST  RECORDS  EVENTS  DIGEST
requests          2   1000  1411      412     412  0000000100000002

Silence 6f1c2d3e: {service="payment-service"} from 2026-11-21T03:01:00Z to 2026-11-21T04:01:00Z, by ada: moving
`)
  })

  it('names what hid it', () => {
    expect(silencesNamed(history!)).toEqual(['6f1c2d3e'])
    expect(inhibitorsNamed(history!)).toEqual([])
    const [inhibited] = alertHistories([
      { type: 'AlertRaised', ...alertFieldsAt(0, { inhibitedBy: 'other' as never }) },
    ])
    expect(inhibitorsNamed(inhibited!)).toEqual(['other'])
    const text = storyText({ ...story, history: inhibited!, silences: [], inhibitors: [history!] })
    expect(text).toContain('inhibited by alert other')
    expect(text).toContain('Inhibitor df905058dd67a409fef81480e81e4736: health, payment-service')
  })

  it('says where a silence stands that no fact made', () => {
    expect(storyText({ ...story, silences: [] })).toContain(
      'Silence 6f1c2d3e: of the configuration\n',
    )
  })

  it.each<[string, Partial<AlertEvent['evidence']>, string]>([
    [
      'a threshold',
      { condition: { signal: 'p95', operator: '>', value: 200_000, forUs: 60_000_000 } },
      '  fires when  p95 > 200ms for 1m\n',
    ],
    [
      'a burn',
      {
        burn: {
          ...{ severity: 'page', longUs: 3_600_000_000, shortUs: 300_000_000, budgetPpm: 20_000 },
          ...{ targetPpm: 995_000, long: { valid: 1000, bad: 72 }, short: { valid: 0, bad: 0 } },
        },
      },
      '  burn        14.4x (72 of 1,000) over 1h and 0 of 0 over 5m, target 99.5%\n',
    ],
    [
      'a budget',
      {
        budget: {
          targetPpm: 999_000,
          counts: { valid: 10_000, bad: 9 },
          remainingBelowPpm: 200_000,
        },
      },
      '  budget      10.0% left, below 20%; compliance 99.910% of 99.9%\n',
    ],
    ['a card', { reasons: ['reliability 62: uptime 28/40'] }, '  because     reliability 62: up'],
    ['what was lost', { incomplete: true }, '  incomplete  records of this time were lost'],
  ])('shows %s', (_, changes, words) => {
    const fields = alertFieldsAt(0)
    const [other] = alertHistories([
      { type: 'AlertRaised', ...fields, evidence: { ...fields.evidence, ...changes } },
    ])
    expect(storyText({ history: other!, silences: [], inhibitors: [] })).toContain(words)
  })

  it('is JSON with what it names', () => {
    expect(storyJson(story, asOfUs)).toMatchObject({
      state: 'resolved',
      history: { length: 7 },
      silences: [
        {
          ...{ id: '6f1c2d3e', state: 'over', by: 'ada', note: 'moving' },
          ...{ from: '2026-11-21T03:01:00Z', to: '2026-11-21T04:01:00Z', maintenance: false },
          expired: { at: '2026-11-21T03:01:00.000001Z', by: 'ada' },
        },
      ],
      inhibitors: [],
    })
  })
})
