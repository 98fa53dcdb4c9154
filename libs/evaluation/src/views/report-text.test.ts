import { describe, expect, it } from '@jest/globals'
import { emptyReport, shopReport } from '../testing/shop-report.ts'
import { reportText } from './report-text.ts'
import { widthOf } from './text-table.ts'

const whole = `\
Platform critical as of 2026-11-21T03:01:00Z
4 services: 1 critical, 1 degraded, 1 healthy, 1 maintenance

SERVICE          STATUS              FOR  ERRORS     P50     P99  REQUESTS  CHECKS  SLOS  SCORE  STANDING  TEAM
payment-service  critical            10s   12.4%  1180ms  1180ms       412   93.1%   1/2     62  critical  crew
search           degraded          2h 1m    0.1%   620ms   620ms     9,200       -   1/1     91  healthy   finders
stray *          healthy (stale)  1m 40s       -       -       -         -       -     -      -  healthy   -
paused           maintenance         10m       -       -       -         -       -     -      -  healthy   -
* not registered

4 alerts firing
SEVERITY  RAISED                RULE      ALERT
critical  2026-11-21T03:00:50Z  health    payment-service: error_rate=12.4% p99=1180ms (n=412)
warning   2026-11-21T01:01:00Z  slo-burn  search: availability burns at 4.0x over 1d and 5.1x over 2h [silenced,
                                          acknowledged by ada, escalated]
... and 2 more alerts

3 objectives: 1 missed; 2 burn too fast
SERVICE          OBJECTIVE     TARGET  COMPLIANCE  BUDGET LEFT    BAD       OF  SINCE       BURNS
payment-service  availability   99.5%     98.000%      -300.0%  2,400  120,000  2026-10-22  page
search           availability   99.5%     99.595%        19.2%    400   99,000  2026-10-22  warning

Cost of the month: 3,500.00 EUR, 990.05 USD; 1 service over budget
SERVICE          MONTH            COST        BUDGET    USED      FORECAST  TREND
payment-service  2026-11  3,500.00 EUR  3,000.00 EUR  116.7%  5,121.95 EUR  spiking +25.0%
search           2026-11    990.05 USD  1,200.00 USD   82.5%  1,440.00 USD  stable

Reliability 77 on average of 2 services
SERVICE          SCORE  POINTS
payment-service     62  uptime 28/40, MTTR 10/25, incidents 12/20, changes 12/15
search              91  uptime 40/40, MTTR 20/25, incidents 16/20, changes not applicable (rescaled)

Governance: 1 service not compliant
SERVICE          GOVERNANCE  MISSING
payment-service  partial     operational runbook

Standing: 1 critical
SERVICE          STANDING  POINTS  BECAUSE OF
payment-service  critical       5  SLO not met: availability 98% of 99.5%; reliability 62; governance partial; over
                                   budget: 3500.00 of 3000.00 EUR

Not judged: spill, 7,000 events
`

describe('reportText', () => {
  it('says all of the platform on one page', () => {
    expect(reportText(shopReport)).toBe(whole)
  })

  it.each([120, 100, 80])('fits into %d columns', (width) => {
    const lines = reportText(shopReport, width).split('\n')
    expect(lines.filter((line) => widthOf(line) > width)).toEqual([])
  })

  it('keeps what matters where there is little room', () => {
    const [, , , head, first] = reportText(shopReport, 80).split('\n')
    expect(head).toBe(
      'SERVICE          STATUS              FOR  ERRORS     P99  CHECKS  SLOS  STANDING',
    )
    expect(first).toBe(
      'payment-service  critical            10s   12.4%  1180ms   93.1%   1/2  critical',
    )
  })

  it('says that there is nothing', () => {
    expect(reportText(emptyReport)).toBe(
      'Platform unknown as of 2026-11-21T03:01:00Z\n0 services: none\n\n\nNo alerts firing\n',
    )
  })

  it('is painted by what figures mean', () => {
    const painted = reportText(shopReport, 120, (tone, text) => `<${tone}>${text}</>`)
    expect(painted).toContain('<bad>critical       </>')
    expect(painted).toContain('<poor> 82.5%</>')
    expect(painted.replaceAll(/<[a-z/]+>/g, '')).toBe(whole)
  })
})
