import { describe, expect, it } from '@jest/globals'
import type { Configuration } from '@tidemark/model'
import fc from 'fast-check'
import type { FormValue } from '../file-form.ts'
import { readConfiguration } from '../read-configuration.ts'
import { randomConfiguration } from '../testing/random-configuration.ts'
import { yamlText } from '../yaml-text.ts'
import { exportOpenSlo } from './export.ts'
import { importOpenSlo } from './import.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const imported = (text: string) => importOpenSlo([{ name: 'f.yaml', bytes: bytes(text) }])
const documentsText = (documents: readonly FormValue[]): string =>
  documents.map((document) => `---\n${yamlText(document)}`).join('')
const read = (text: string): Configuration => {
  const reading = readConfiguration(bytes(text))
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults))
  return reading.configuration
}

const foreign = `
apiVersion: openslo/v1
kind: SLO
metadata: { name: foo-slo, displayName: Foo SLO }
spec:
  service: foo
  indicator:
    metadata: { name: foo-error }
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: Datadog, spec: { query: q } } }
        total: { metricSource: { type: Datadog, spec: { query: q } } }
  timeWindow: [{ duration: 4w, isRolling: true }]
  budgetingMethod: Occurrences
  objectives:
    - { displayName: Foo Total Errors, target: 0.98 }
    - { displayName: Bar, targetPercent: 99.99 }
  alertPolicies: [{ alertPolicyRef: fast }]
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: slow }
spec:
  service: foo
  indicatorRef: p99
  timeWindow: [{ duration: 1Q, calendar: { startTime: 2020-01-21 12:30:00, timeZone: America/New_York } }]
  budgetingMethod: Timeslices
  objectives: [{ op: lte, value: 250, target: 0.99 }]
---
apiVersion: openslo/v1
kind: SLI
metadata: { name: p99 }
spec: { thresholdMetric: { metricSource: { type: Prometheus, spec: { query: q } } } }
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: fast }
spec:
  alertWhenNoData: true
  conditions: [{ conditionRef: cpu }]
  notificationTargets: [{ targetRef: mail }]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: { name: cpu }
spec: { severity: page, condition: { kind: burnrate, op: lte, threshold: 13.44, lookbackWindow: 1h, alertAfter: 5m } }
---
apiVersion: openslo/v1
kind: DataSource
metadata: { name: d }
spec: { type: CloudWatch }
`

describe('importing OpenSLO', () => {
  it('takes what can be expressed, and lists what cannot', () => {
    const { fragment, notes, faults } = imported(foreign)
    expect(faults).toEqual([])
    expect(fragment).toEqual({
      services: { foo: {} },
      slos: [
        { id: 'foo-slo-1', kind: 'availability', service: 'foo', target: '98%', period: '28d' },
        { id: 'foo-slo-2', kind: 'availability', service: 'foo', target: '99.99%', period: '28d' },
        {
          id: 'slow',
          kind: 'latency',
          service: 'foo',
          target: '99%',
          period: 'month',
          threshold: '250ms',
        },
      ],
      rules: [
        {
          ...{ id: 'fast', kind: 'burn-rate', slos: ['foo-slo-1', 'foo-slo-2'], for: '5m' },
          windows: [{ severity: 'page', long: '1h', short: '5m', budget: '2%' }],
        },
      ],
    })
    expect(notes).toEqual([
      'SLO foo-slo: its queries are replaced by the requests that Tidemark counts itself',
      'SLO foo-slo: its queries are replaced by the requests that Tidemark counts itself',
      'SLO slow: budgeting by Timeslices cannot be expressed: events are counted as they occur',
      'SLO slow: a calendar window of 1Q cannot be expressed: calendar months instead',
      'SLO slow: months are those of UTC, not of America/New_York',
      'SLO slow: its threshold of 250 names no unit: taken for milliseconds',
      'SLO slow: its query is replaced by the latencies that Tidemark counts itself',
      'AlertPolicy fast: an alert on missing data is a rule of the kind absence: left out',
      'AlertPolicy fast: whom to tell (mail) is no part of a configuration',
      'AlertPolicy fast: the condition cpu says lte; read as above its threshold',
      'AlertPolicy fast: the condition cpu has one window, 1h; the short one beside it is 5m',
      'DataSource d: cannot be expressed: left out',
    ])
    expect(read(yamlText(fragment)).slos.map(({ id }) => id)).toContain('slow')
  })

  it('says what is no YAML', () => {
    expect(imported('a: [1').faults[0]).toContain('f.yaml:1:6: not YAML')
  })

  it('gives something for every text, and what it gives is a configuration', () => {
    const edits = fc.array(
      fc.tuple(
        fc.nat(foreign.length),
        fc.nat(30),
        fc.constantFrom('', '\n', ': ', '[', '1', 'null', '"', '-1'),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    fc.assert(
      fc.property(edits, (given) => {
        let text = foreign
        for (const [at, remove, insert] of given)
          text = text.slice(0, at) + insert + text.slice(at + remove)
        const { fragment } = imported(text)
        expect(readConfiguration(bytes(yamlText(fragment))).ok).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('exporting OpenSLO', () => {
  it('gives documents that import as the same objectives, services and burn rates', () => {
    fc.assert(
      fc.property(randomConfiguration, (given) => {
        const services = new Map(given.services.map((service) => [service.service, service]))
        const slos = given.slos.filter(({ service }) => service === null || services.has(service))
        const configuration = { ...given, slos }
        const text = documentsText(exportOpenSlo(configuration).documents)
        const { fragment, faults } = imported(text)
        expect(faults).toEqual([])
        const back = read(yamlText(fragment))
        const written = fragment.slos.map(({ id }) => id)
        expect(written).toEqual(slos.map(({ id }) => id))
        expect(slos.length === 0 ? [] : back.slos.slice(-slos.length)).toEqual(slos)
        expect(back.services.map(({ service, team, owner }) => [service, team, owner])).toEqual(
          configuration.services.map(({ service, team, owner }) => [service, team, owner]),
        )
      }),
    )
  })

  it('keeps every pair of windows of a rule, and shows the first as the condition', () => {
    const configuration = read(
      'slos: [{ id: latency, kind: latency, threshold: 250ms, target: 99% }]',
    )
    const { documents, notes } = exportOpenSlo(configuration)
    const text = documentsText(documents)
    expect(text).toContain('threshold: 14.4')
    expect(text).toContain('lookbackWindow: 1h')
    const { fragment } = imported(text)
    const back = read(yamlText(fragment))
    expect(back.rules.find(({ id }) => id === 'slo-burn')).toEqual(
      configuration.rules.find(({ id }) => id === 'slo-burn'),
    )
    expect(notes).toContain('rule health: OpenSLO has no alert of the kind health')
  })

  it('names documents as OpenSLO takes names', () => {
    const configuration = read(`services: { "Shop/Checkout.v2": , "shop-checkout-v2": }
slos: [{ id: Up_Time, kind: uptime, target: 99.9%, service: Shop/Checkout.v2 }]`)
    const names = exportOpenSlo(configuration).documents.map(
      ({ metadata }) => (metadata as { readonly name: string }).name,
    )
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    expect(new Set(names).size).toBe(names.length)
  })
})
