import { describe, expect, it } from '@jest/globals'
import { alertsOfTheDay, dayBefore } from '../testing/shop-digest.ts'
import { shopReport } from '../testing/shop-report.ts'
import { diffJson } from './diff-json.ts'
import { diffText } from './diff-text.ts'
import { isUnchanged, reportDiff } from './report-diff.ts'

const diff = reportDiff(dayBefore, shopReport, alertsOfTheDay)

describe('a difference of two reports', () => {
  it('tells what came, went, turned, was raised, resolved, missed, and what it cost', () => {
    expect(diffText(diff, 110)).toBe(`\
Platform healthy -> critical, 2026-11-20T03:01:00Z to 2026-11-21T03:01:00Z (1d)

2 services appeared, 1 service gone

SERVICE  CHANGE
paused   appeared
stray    appeared
gone     gone

2 statuses and 1 standing changed
SERVICE          OF        BEFORE   NOW
payment-service  status    healthy  critical
search           status    healthy  degraded
payment-service  standing  healthy  critical

1 alert raised
SEVERITY  RAISED                LASTED  RULE    ALERT
page      2026-11-21T01:01:00Z     20m  health  payment-service: service DOWN, availability=50.0% (n=10)

1 alert resolved
SEVERITY  RAISED                LASTED  RULE    ALERT
page      2026-11-21T01:01:00Z     20m  health  payment-service: service DOWN, availability=50.0% (n=10)

1 objective newly missed
SERVICE          OBJECTIVE     TARGET  COMPLIANCE  BUDGET LEFT
payment-service  availability   99.5%     98.000%      -300.0%

2 costs changed
SERVICE                           BEFORE                      NOW  CHANGE  BUDGET
payment-service  2,800.00 EUR in 2026-11  3,500.00 EUR in 2026-11  +25.0%  over budget
search           2,800.00 USD in 2026-11    990.05 USD in 2026-11  -64.6%

1 reliability score changed
SERVICE          BEFORE  NOW
payment-service      91   62
`)
  })

  it('is JSON of integers and ISO times', () => {
    expect(diffJson(diff)).toMatchObject({
      from: '2026-11-20T03:01:00Z',
      to: '2026-11-21T03:01:00Z',
      overallHealth: { before: 'healthy', after: 'critical' },
      appeared: ['paused', 'stray'],
      gone: ['gone'],
      statuses: [
        { service: 'payment-service', before: 'healthy', after: 'critical' },
        { service: 'search', before: 'healthy', after: 'degraded' },
      ],
      raised: [{ rule: 'health', state: 'resolved', severity: 'page' }],
      resolved: [{ rule: 'health', reason: 'recovered' }],
      sloMissed: [{ service: 'payment-service', slo: 'availability', met: false }],
      sloMet: [],
      costs: [
        {
          ...{ service: 'payment-service', currency: 'EUR' },
          before: { month: '2026-11', amountMinor: 280_000, overBudget: false },
          after: { month: '2026-11', amountMinor: 350_000, overBudget: true },
        },
        { service: 'search', currency: 'USD' },
      ],
    })
    expect(diffJson(diff).raised[0]).not.toHaveProperty('history')
  })

  it('is told the other way round from the other end', () => {
    const back = reportDiff(shopReport, { ...dayBefore, asOfUs: shopReport.asOfUs + 1 }, [])
    expect(back).toMatchObject({ appeared: ['gone'], gone: ['paused', 'stray'], sloMissed: [] })
    expect(back.sloMet.map(({ state }) => state.slo)).toEqual(['availability'])
  })

  it('of the same moment is none', () => {
    const none = reportDiff(shopReport, shopReport, alertsOfTheDay)
    expect(isUnchanged(none)).toBe(true)
    expect(diffText(none)).toBe(
      'Platform still critical, 2026-11-21T03:01:00Z to 2026-11-21T03:01:00Z (0s)\nNothing is different\n',
    )
  })

  it('leaves out alerts of other times', () => {
    const later = { ...shopReport, asOfUs: shopReport.asOfUs + 60_000_000 }
    expect(reportDiff(shopReport, later, alertsOfTheDay)).toMatchObject({
      raised: [],
      resolved: [],
    })
  })
})
