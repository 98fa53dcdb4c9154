import { describe, expect, it } from '@jest/globals'
import { defaultConfiguration, defaultServiceFields, type Configuration } from '@tidemark/model'
import { readConfiguration } from './read-configuration.ts'
import { faultText } from './source/fault.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const faultsOf = (text: string): readonly string[] => {
  const reading = readConfiguration(bytes(text))
  return reading.ok ? [] : reading.faults.map((fault) => faultText('tidemark.yaml', fault))
}
const read = (text: string): Configuration => {
  const reading = readConfiguration(bytes(text))
  if (!reading.ok) throw new Error(faultsOf(text).join('\n'))
  return reading.configuration
}

describe('tidemark.yaml', () => {
  it.each(['', '{}', '# nothing\n', 'services:\nrules:\nescalation:\n'])(
    'is the default configuration where nothing is said: %j',
    (text) => {
      expect(read(text)).toEqual(defaultConfiguration)
    },
  )

  it('registers services, sorted by name', () => {
    const { services } = read(`
services:
  search:
  checkout: { team: shop, tier: 1, budget: { amount: 3500.5, currency: EUR } }
`)
    expect(services).toEqual([
      {
        ...{ ...defaultServiceFields, service: 'checkout', team: 'shop', tier: '1' },
        budget: { currency: 'EUR', amountMinor: 350_050 },
      },
      { ...defaultServiceFields, service: 'search' },
    ])
  })

  it('adds rules behind the default ones, replaces those with their id, and takes some away', () => {
    const { rules } = read(`
rules:
  - { id: slow, kind: threshold, severity: critical, when: p99 > 2s, for: 5m }
  - { id: health, kind: health, labels: { b: 1, a: x } }
  - { id: latency-p95, kind: none }
`)
    expect(rules.map(({ id }) => id)).toEqual([
      'error-rate',
      'absence',
      'slo-burn',
      'slow',
      'health',
    ])
    expect(rules.find(({ id }) => id === 'health')?.labels).toEqual([
      { name: 'a', value: 'x' },
      { name: 'b', value: '1' },
    ])
  })

  it('keeps the default objective beside one of a single service', () => {
    const { slos } = read(`
services: { checkout: }
slos:
  - { id: availability, kind: availability, service: checkout, target: 99.9% }
  - { id: latency, kind: latency, threshold: 250ms, target: 99%, period: month }
  - { id: jobs, kind: none }
`)
    expect(slos.map(({ id, service, targetPpm }) => [id, service, targetPpm])).toEqual([
      ['availability', null, 995_000],
      ['availability', 'checkout', 999_000],
      ['latency', null, 990_000],
    ])
  })

  it('gives a service the thresholds of all where it has none of its own', () => {
    const { health, services } = read(`
thresholds: { degraded: { p99: 400ms, exit: { p99: 350ms } } }
services:
  checkout: { thresholds: { critical: { errorRate: 20% } } }
`)
    expect(health.degraded).toEqual({
      ...defaultConfiguration.health.degraded,
      ...{ p99AboveUs: 400_000, p99ExitUs: 350_000 },
    })
    expect(services[0]?.health).toEqual({
      ...health,
      critical: { ...health.critical, errorRateAbovePpm: 200_000 },
    })
  })

  it('replaces inhibition and escalation', () => {
    const { inhibition, escalation } = read('inhibition: []\nescalation: []\n')
    expect({ inhibition, escalation }).toEqual({ inhibition: [], escalation: [] })
  })

  it('is refused with everything that is wrong with it, by line', () => {
    const text = `services:
  checkout: { runbok: here, budget: { amount: 1.234, currency: EUR } }
  "check out": {}
  cart: { budget: { amount: 3 } }
slos:
  - { id: a, kind: availability, target: 99.99999%, badStatuses: [5xx, 503] }
  - { id: b, kind: latncy }
rules:
  - id: slow
    kind: threshold
    severity: warn
    when: p95 > 200
    for: 1.5 hours
  - 5
thresholds: { degraded: { errorRate: 1 } }
signals: { requests: "20" }
silences: none
maintenance:
  - { id: m, from: 2026-11-21, to: 2026-11-22T00:00:00Z, matchers: 'team=~"("' }
servces: {}
`
    expect(faultsOf(text)).toEqual([
      'tidemark.yaml:2:15: services.checkout.runbok: unknown key "runbok", did you mean runbook? allowed are team, tier, owner, runbook, documentation, incidentResponse, budget, skip, thresholds',
      'tidemark.yaml:2:47: services.checkout.budget.amount: 1.234: EUR has 2 digits behind the point',
      'tidemark.yaml:3:3: services["check out"]: service: "check out" is not 1-128 characters of [A-Za-z0-9._/-]',
      'tidemark.yaml:4:11: services.cart.budget.currency: missing: expected a currency of ISO 4217 like EUR',
      'tidemark.yaml:6:42: slos[0].target: "99.99999%" is finer than one part per million: at most 4 decimals of a percentage',
      'tidemark.yaml:6:66: slos[0].badStatuses: status 503 is there twice',
      'tidemark.yaml:7:20: slos[1].kind: found "latncy", expected one of availability, latency, uptime, job-latency, none, did you mean latency?',
      'tidemark.yaml:11:15: rules[0].severity: found "warn", expected one of page, critical, warning, did you mean warning?',
      'tidemark.yaml:12:11: rules[0].when: "200" is not a duration like 500ms, 1m30s, 1.5s, 30d or PT1M30S',
      'tidemark.yaml:13:10: rules[0].for: "1.5 hours" is not a duration like 500ms, 1m30s, 1.5s, 30d or PT1M30S',
      'tidemark.yaml:14:5: rules[1]: found 5, expected a mapping',
      'tidemark.yaml:15:38: thresholds.degraded.errorRate: 1 may be 1% or 100%: write 1%, or a fraction with a point like 0.995',
      'tidemark.yaml:16:22: signals.requests: found "20", expected a whole number of 1 to 1000000',
      'tidemark.yaml:17:11: silences: found "none", expected a list',
      'tidemark.yaml:19:20: maintenance[0].from: "2026-11-21" names no time zone: write a time with its zone like 2026-11-21T03:00:00Z or 2026-11-21T04:00+01:00',
      `tidemark.yaml:19:68: maintenance[0].matchers: matchers: character 7: pattern "(": a ( without its ), at character 2`,
      'tidemark.yaml:20:1: servces: unknown key "servces", did you mean services? allowed are services, slos, rules, thresholds, signals, tracking, unregistered, limits, silences, maintenance, inhibition, escalation',
    ])
  })

  it('is one document', () => {
    expect(faultsOf('services: {}\n---\nrules: []\n')).toEqual([
      'tidemark.yaml:3:1: a second document: one is expected',
    ])
  })

  it('is a mapping', () => {
    expect(faultsOf('- a')).toEqual(['tidemark.yaml:1:1: found a list, expected a mapping'])
  })
})
