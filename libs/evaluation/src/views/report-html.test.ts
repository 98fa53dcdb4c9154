import { describe, expect, it } from '@jest/globals'
import { shopDigest } from '../testing/shop-digest.ts'
import { asOfUs, emptyReport, firing, rowOf, shopReport } from '../testing/shop-report.ts'
import { reportHtml } from './report-html.ts'
import { reportMarkdown } from './report-markdown.ts'

const page = reportHtml(shopDigest)

/** What a reader sees: the text between tags. */
const textOf = (source: string): string =>
  source
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replaceAll(/<title>[^<]*<\/title>/g, '')
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/[\s|]*\|[\s|]*/g, '|')

const voidTags = ['meta', '!doctype']

/** Tags that are opened and not closed in their order; a browser would mend what a reader of the source must not. */
const unbalanced = (source: string): readonly string[] => {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, slash, name = ''] of source
    .replace(/<style>[\s\S]*<\/style>/, '')
    .matchAll(/<(\/?)([a-zA-Z!][a-zA-Z0-9]*)[^>]*>/g)) {
    if (voidTags.includes(name.toLowerCase())) continue
    if (slash === '') open.push(name)
    else if (open.pop() !== name) wrong.push(name)
  }
  return [...wrong, ...open]
}

const empty = { report: emptyReport, fromUs: asOfUs, diff: null, alerts: [], services: [] }

describe('reportHtml', () => {
  it('is whole: every tag is closed, also of an empty report', () => {
    expect(unbalanced(page)).toEqual([])
    expect(unbalanced(reportHtml(empty))).toEqual([])
  })

  it('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/(?:\ssrc=|href|url\(|@import|<script|<link|<img|https?:)/)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  })

  it('is light, dark, and for paper', () => {
    expect(page).toContain('prefers-color-scheme: dark')
    expect(page).toContain('@media print')
  })

  it('is the same bytes for the same digest', () => {
    expect(reportHtml(structuredClone(shopDigest))).toBe(page)
  })

  it('says what the report says', () => {
    const text = textOf(page)
    for (const words of [
      '|Platform|critical|as of 2026-11-21 03:01 UTC, looking back 1d to 2026-11-20 03:01|',
      '|Services|4|1 critical, 1 degraded, 1 healthy, 1 maintenance|',
      '|Alerts firing|4|0 unanswered; 1 in this time|',
      '|Objectives met|2|of 3|',
      '|Cost of the month|3,500.00 EUR|990.05 USD|1 over budget|',
      '|Reliability|77|of 100|average of 2|',
      '|Governance|1|not compliant|',
      '|payment-service|availability|99.5%|98.000%|-300.0%|2,400|120,000|2026-10-22|page|',
      '|3,500.00 EUR|3,000.00 EUR|116.7%|5,121.95 EUR|spiking +25.0%|',
      '|payment-service|partial|operational runbook|',
      '|warning|2026-11-21T01:01:00Z|slo-burn|search: availability burns at 4.0x over 1d and 5.1x over 2h [silenced, acknowledged by ada, escalated]|',
      '|Not judged: spill, 7,000 events|',
      '|requests/0@17|',
    ])
      expect(text).toContain(words)
  })

  it('draws what it says in words as well', () => {
    expect(page).toContain('aria-label="healthy for 21h, down for 3h"')
    expect(page).toContain('<title>down for 3h from 2026-11-20 09:01</title>')
    expect(page).toContain('aria-label="p99 up to 340ms"')
    expect(page).toContain('<title>0.2x in 1h from 2026-11-21 02:00</title>')
  })

  it('leaves a gap in a line where nothing was measured', () => {
    const [line] = /<svg class="chart line"[\s\S]*?<\/svg>/.exec(page)!
    expect(line.match(/<polyline/g)).toHaveLength(2)
  })

  it('escapes everything that comes from outside', () => {
    const evil = `<script>alert("1")</script>&'`
    const report = {
      ...shopReport,
      services: [
        rowOf(evil, { team: evil, standing: { status: 'critical', points: 4, reasons: [evil] } }),
      ],
      alerts: [{ ...firing, summary: evil, rule: evil }],
      ignored: [{ service: evil, events: 1 }],
    } as const
    const source = reportHtml({ ...shopDigest, report })
    expect(source).not.toContain('<script')
    expect(source).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')
    expect(unbalanced(source)).toEqual([])
  })

  it('says that there was nothing', () => {
    const text = textOf(reportHtml(empty))
    expect(text).toContain('|Services|0|none|')
    expect(text).toContain('|Objectives met|none judged|')
    expect(text).toContain('|No alerts firing|')
    expect(text).toContain('there is nothing to compare with')
  })
})

describe('reportMarkdown', () => {
  const markdown = reportMarkdown(shopDigest)

  it('has a heading and a table for each part', () => {
    expect(markdown.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      '# Platform critical as of 2026-11-21T03:01:00Z',
      '## 4 services: 1 critical, 1 degraded, 1 healthy, 1 maintenance',
      '## 4 alerts firing',
      '## 3 objectives: 1 missed; 2 burn too fast',
      '## Cost of the month: 3,500.00 EUR, 990.05 USD; 1 service over budget',
      '## Reliability 77 on average of 2 services',
      '## Governance: 1 service not compliant',
      '## Standing: 1 critical',
      '## How it went',
      '## Alerts since 2026-11-20 03:01',
      '## What changed',
      '### 2 services appeared, 1 service gone',
      '### 2 statuses and 1 standing changed',
      '### 1 alert raised',
      '### 1 alert resolved',
      '### 1 objective newly missed',
      '### 2 costs changed',
      '### 1 reliability score changed',
    ])
    expect(markdown).toContain(`\
| Service | Month | Cost | Budget | Used | Forecast | Trend |
| --- | --- | ---: | ---: | ---: | ---: | --- |
| payment-service | 2026-11 | 3,500.00 EUR | 3,000.00 EUR | 116.7% | 5,121.95 EUR | spiking +25.0% |
`)
    expect(markdown).toContain('| search | 12.5% | ▃▃▄▄▄▄▅▅▅     ▆▆▇▇▇▇▇███ up to 340ms |')
  })

  it('has as many cells in every row of a table', () => {
    const tables = markdown
      .trimEnd()
      .split('\n\n')
      .filter((block) => block.startsWith('| '))
    for (const table of tables) {
      const cells = table.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length)
      expect(new Set(cells).size).toBe(1)
    }
  })

  it('escapes what Markdown and HTML would take for their own', () => {
    const evil = '<b>|*_`[x](y)'
    const source = reportMarkdown({
      ...shopDigest,
      report: { ...shopReport, alerts: [{ ...firing, summary: evil }] },
    })
    expect(source).toContain('&lt;b&gt;\\|\\*\\_\\`\\[x\\](y)')
  })

  it('says that there was nothing', () => {
    expect(reportMarkdown(empty)).toBe(`\
# Platform unknown as of 2026-11-21T03:01:00Z

Looking back to 2026-11-21 03:01 UTC.

## 0 services: none

## No alerts firing

## What changed

Nothing was judged at 2026-11-21T03:01:00Z: there is nothing to compare with.
`)
  })
})
