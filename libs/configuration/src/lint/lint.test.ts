import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { defaultLayout } from '@tidemark/model'
import fc from 'fast-check'
import { readConfiguration } from '../read-configuration.ts'
import { faultText } from '../source/fault.ts'
import { randomConfiguration } from '../testing/random-configuration.ts'
import { durationTextOf } from '../quantity/duration.ts'
import { findingFault } from './finding.ts'
import { lint, type LintReport } from './lint.ts'

const nowUs = 1_795_230_000_000_000
const options = { layout: defaultLayout, nowUs, hiddenServicesMax: 2 }

const services = `services:
  a: { owner: o, runbook: r, team: shop, tier: 1 }
  b: { owner: o, runbook: r, team: shop, tier: 2 }
  c: { owner: o, runbook: r }
`

const reportOf = (text: string): LintReport & { readonly told: readonly string[] } => {
  const reading = readConfiguration(new TextEncoder().encode(services + text))
  if (!reading.ok) throw new Error(reading.faults.map((fault) => faultText('f', fault)).join('\n'))
  const report = lint(reading.configuration, options)
  return {
    ...report,
    told: report.findings.map((finding) =>
      faultText(finding.severity, findingFault(finding, reading.faultAt)),
    ),
  }
}
const told = (text: string): readonly string[] => reportOf(text).told

describe('lint', () => {
  it('has nothing to say of defaults with services that have what they need', () => {
    expect(told('')).toEqual([])
  })

  it('has no error in the example, and nothing to warn of but what is meant', () => {
    const file = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'tidemark.yaml')
    const reading = readConfiguration(readFileSync(file))
    const findings = reading.ok ? lint(reading.configuration, options).findings : reading
    expect(findings).toEqual([])
  })

  it.each([
    // Burn rates: domain.md section 4.
    [
      'slos: [{ id: loose, kind: uptime, target: 93.05% }]',
      'error:5:43: slos[0].target: 1h/5m on loose: a factor at or above 1/(1 - target) can never fire. 14.4 is not below 14.38 at a target of 93.05%: take a smaller budget, or leave the objective out by slos',
    ],
    [
      `slos: [{ id: week, kind: uptime, target: 99.9%, period: 1d }]`,
      'error:5:57: slos[0].period: 3d is longer than week is kept, 1d',
    ],
    [
      'rules: [{ id: r, kind: budget, severity: warning, when: remaining < 10%, slos: [nothing] }]',
      'error:5:80: rules[0].slos: nothing is the id of no objective; there are availability, jobs, latency',
    ],
    [
      'rules: [{ id: r, kind: budget, severity: warning, when: remaining < 101% }]',
      'error:5:57: rules[0].when: at most 100% is ever left, so less than 101% always is',
    ],
    [
      'rules: [{ id: r, kind: budget, severity: warning, slos: [latency], when: remaining < -1900% }]',
      'error:5:74: rules[0].when: latency never has less than -1900% left, not even when everything fails: less than -1900% can never be',
    ],
    [
      'slos: [{ id: x, kind: uptime, target: 100% }]\nrules: [{ id: r, kind: budget, severity: page, slos: [x], when: remaining < 1% }]',
      'error:6:54: rules[0].slos: its objectives all have a target of 100%, which leaves no budget: it can never fire',
    ],
    [
      'rules: [{ id: r, kind: burn-rate, windows: [] }]',
      'error:5:44: rules[0].windows: no pair of windows: it can never fire',
    ],
    // Conditions.
    ...(
      [
        ['error_rate > 100%', 'can never be true: it is within 0% and 100%'],
        ['error_rate >= 0%', 'is always true: it is within 0% and 100%'],
        ['error_rate > -5%', 'is always true: it is within 0% and 100%'],
        ['availability < 0%', 'can never be true: it is within 0% and 100%'],
        ['availability <= 100%', 'is always true: it is within 0% and 100%'],
        ['p99 > 11m', 'outside the range of the histogram, 1us to 10m'],
        ['p99 < 0s', 'outside the range of the histogram, 1us to 10m'],
        ['p99 > 10m', 'can never be true: it is within 0s and 9m59.785472s'],
      ] as const
    ).map(([when, what]): [string, string] => [
      `rules: [{ id: r, kind: threshold, severity: warning, when: ${when} }]`,
      `error:5:60: rules[0].when: ${when}${what.startsWith('outside') ? ':' : ''} ${what}`,
    ]),
    [
      'rules: [{ id: r, kind: scorecard, severity: warning, when: reliability < 101 }]',
      'error:5:60: rules[0].when: every score is at most 100, so it is always below 101',
    ],
    [
      'rules: [{ id: r, kind: scorecard, severity: warning, when: cost > budget }]',
      'warning:5:60: rules[0].when: no service has a budget: it never fires',
    ],
    // Health.
    [
      'thresholds: { degraded: { errorRate: 3% } }',
      'error:5:15: thresholds.degraded.exit.errorRate: degraded is left below 4%, which is past where it is entered, above 3%',
    ],
    [
      'thresholds: { down: { availability: 99% } }',
      'error:5:15: thresholds.down.exit.availability: down is left at 98%, which is past where it is entered, below 99%',
    ],
    [
      'thresholds: { critical: { p99: 10m } }',
      'error:5:32: thresholds.critical.p99: 10m: outside the range of the histogram, up to 10m, so nothing is above it',
    ],
    [
      'thresholds: { critical: { errorRate: 4%, exit: { errorRate: 4% } } }',
      'warning:5:38: thresholds.critical.errorRate: critical above 4% comes before degraded above 5%',
    ],
    // Matchers.
    [
      `rules: [{ id: r, kind: absence, severity: page, match: 'service="d"' }]`,
      'warning:5:56: rules[0].match: matches none of the 3 services: it fires for unregistered ones alone',
    ],
    [
      `rules: [{ id: r, kind: absence, severity: page, match: 'team="d"' }]`,
      'error:5:56: rules[0].match: matches none of the 3 services: the rule can never fire',
    ],
    [
      `unregistered: ignore\nrules: [{ id: r, kind: absence, severity: page, match: 'service="d"' }]`,
      'error:6:56: rules[0].match: matches none of the 3 services: the rule can never fire',
    ],
    [
      silence(`severty="page", service="a"`),
      'warning:5:85: silences[0].matchers: no alert has the label severty, did you mean severity? there are rule, alertname, service, severity, team, tier, slo',
    ],
    [
      silence(`rule="gone"`),
      'warning:5:85: silences[0].matchers: no rule gives alerts that match: it hides nothing',
    ],
    [silence(`service="d"`), 'warning:5:85: silences[0].matchers: matches none of the 3 services'],
    [
      silence(`severity="page"`),
      'warning:5:85: silences[0].matchers: hides 3 of 3 services, more than 2',
    ],
    [
      silence(`service="a"`, '2029-01-01T00:00:00Z', '2029-01-01T00:00:00Z'),
      'error:5:53: silences[0].to: ends at 2029-01-01T00:00:00Z, not after it begins at 2029-01-01T00:00:00Z',
    ],
    [
      silence(`service="a"`, '2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z'),
      'warning:5:53: silences[0].to: is over since 2020-01-02T00:00:00Z',
    ],
    [
      `maintenance: [{ id: m, from: 2029-01-01T00:00:00Z, to: 2029-01-02T00:00:00Z, matchers: 'severity="page", service="a"' }]`,
      'warning:5:88: maintenance[0].matchers: no service has the label severity: there are service, team, tier, registered',
    ],
    [
      `inhibition: [{ source: 'severity="page"', target: 'severity="page"' }]`,
      'warning:5:51: inhibition[0].target: matches only what the source matches as well, and no alert inhibits itself: it inhibits nothing',
    ],
    [
      `inhibition: [{ source: 'rule="gone"', target: 'severity="page"' }]`,
      'warning:5:24: inhibition[0].source: no rule gives alerts that match: it inhibits nothing',
    ],
    [
      `inhibition:\n  - { source: 'rule="health"', target: 'rule="absence"' }\n  - { source: 'rule="absence"', target: 'rule="health"' }`,
      'warning:6:5: inhibition[0]: and inhibition[1] inhibit each other: of two alerts both may be inhibited',
    ],
    // What cannot be worked with.
    [
      'escalation: [{ after: 1h, severities: [page] }, { after: 15m, severities: [page] }]',
      'error:5:58: escalation[1].after: 15m is not after the step before, 1h',
    ],
    [
      'rules: [{ id: r, kind: health }, { id: r, kind: health }]',
      'error:5:34: rules[1]: is there twice',
    ],
    [
      'slos: [{ id: x, kind: uptime, target: 99%, service: nobody }]',
      'error:5:53: slos[0].service: nobody is not among the services',
    ],
    [
      'slos: [{ id: x, kind: uptime, target: 0% }]',
      'error:5:39: slos[0].target: 0% is not above 0% and at most 100%',
    ],
    [
      'slos: [{ id: x, kind: latency, target: 99%, threshold: 11m }]',
      'error:5:56: slos[0].threshold: 11m is outside the range of the histogram, 1us to 10m',
    ],
  ])('tells of %j', (text, finding) => {
    expect(told(text)).toContain(finding)
  })

  it('misses owners, runbooks and services, and says when a skip is over', () => {
    const reading = readConfiguration(
      new TextEncoder().encode(
        'services:\n  a: { skip: [{ check: owner, reason: x, until: 2020-01-01T00:00:00Z }] }\n  b: { skip: [{ check: runbook, reason: x, until: 2029-01-01T00:00:00Z }], owner: o }',
      ),
    )
    const findings = reading.ok ? lint(reading.configuration, options).findings : []
    expect(findings.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      'services.a: has no owner',
      'services.a: has no runbook',
      'services.a.skip: the skip of owner is over since 2020-01-01T00:00:00Z',
    ])
  })

  it('says how long a total outage takes to page: 52 s at 99.9 %, 4.3 min at 99.5 %', () => {
    const { burns } = reportOf('slos: [{ id: strict, kind: uptime, target: 99.9% }]')
    const fast = burns.filter(({ longUs }) => longUs === 3_600_000_000)
    expect(
      fast.map(({ slo, factor, timeToPageUs }) => [slo, factor, durationTextOf(timeToPageUs ?? 0)]),
    ).toEqual([
      ['availability', '14.4', '4m19.2s'],
      ['latency', '14.4', '43m12s'],
      ['jobs', '14.4', '43m12s'],
      ['strict', '14.4', '51.84s'],
    ])
  })

  it('says how long a rule takes at worst', () => {
    const { times } = reportOf('')
    const worst = times.map(({ rule, severity, slo, worstUs }) => [
      ...[rule, severity, slo, durationTextOf(worstUs)],
    ])
    // Two windows, grace and a tick; `for` and the burn on top.
    expect(worst.filter(([rule]) => rule !== 'slo-burn')).toEqual([
      ['health', 'page', null, '26s'],
      ['health', 'critical', null, '26s'],
      ['health', 'warning', null, '26s'],
      ['latency-p95', 'warning', null, '1m26s'],
      ['error-rate', 'warning', null, '1m26s'],
      ['absence', 'critical', null, '1m16s'],
    ])
    expect(worst).toContainEqual(['slo-burn', 'page', 'availability', '4m36s'])
  })

  it('says what a threshold of latency comes to: 500 ms is 501.759 ms', () => {
    const { thresholds } = reportOf('')
    expect(thresholds).toContainEqual({
      ...{ path: ['slos', 'latency', 'threshold'], writtenUs: 500_000, effectiveUs: 501_759 },
    })
  })

  it('throws for no configuration', () => {
    fc.assert(
      fc.property(randomConfiguration, (configuration) => {
        const { findings } = lint(configuration, options)
        for (const { message } of findings) expect(message).not.toMatch(/undefined|NaN|\[object/)
      }),
    )
  })
})

function silence(
  matchers: string,
  from = '2029-01-01T00:00:00Z',
  to = '2029-01-02T00:00:00Z',
): string {
  return `silences: [{ id: s, from: ${from}, to: ${to}, matchers: '${matchers}' }]`
}
