import { describe, expect, it } from '@jest/globals'
import { configurationId, type Configuration } from '@tidemark/model'
import fc from 'fast-check'
import { configurationDiff } from './configuration-diff.ts'
import { readConfiguration } from './read-configuration.ts'
import { randomConfiguration } from './testing/random-configuration.ts'

const read = (text: string): Configuration => {
  const reading = readConfiguration(new TextEncoder().encode(text))
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults))
  return reading.configuration
}
const changes = (before: string, after: string): readonly unknown[] =>
  configurationDiff(read(before), read(after)).map(({ change, path, before: from, after: to }) => [
    ...[change, path.join('.'), from, to],
  ])

describe('the difference of two configurations', () => {
  it('is told by service, objective and rule, in the words of the file', () => {
    expect(
      changes(
        'services: { a: { owner: ada }, b: }\nrules: [{ id: latency-p95, kind: none }]',
        `services: { a: { owner: bob, team: x }, c: { tier: 1 } }
slos: [{ id: uptime, kind: uptime, service: a, target: 99.9% }]
thresholds: { degraded: { p99: 600ms } }`,
      ),
    ).toEqual([
      ['removed', 'services.b', {}, null],
      ['changed', 'services.a.owner', 'ada', 'bob'],
      ['added', 'services.a.team', null, 'x'],
      ['added', 'services.c', null, { tier: '1' }],
      [
        ...['added', 'slos.uptime@a', null],
        { id: 'uptime', kind: 'uptime', service: 'a', target: '99.9%', period: '30d' },
      ],
      [
        ...['added', 'rules.latency-p95', null],
        {
          id: 'latency-p95',
          kind: 'threshold',
          severity: 'warning',
          when: 'p95 > 200ms',
          for: '1m',
        },
      ],
      ['changed', 'thresholds.degraded.p99', '500ms', '600ms'],
    ])
  })

  it('tells of an order that changed', () => {
    const rule = (id: string): string => `{ id: ${id}, kind: health }`
    const rules = (...ids: readonly string[]): string => `rules: [${ids.map(rule).join(', ')}]`
    expect(changes(rules('x', 'y'), rules('y', 'x'))).toEqual([
      [
        ...['changed', 'rules.order'],
        ['health', 'latency-p95', 'error-rate', 'absence', 'slo-burn', 'x', 'y'],
        ['health', 'latency-p95', 'error-rate', 'absence', 'slo-burn', 'y', 'x'],
      ],
    ])
  })

  it('is nothing exactly where both have the same id', () => {
    fc.assert(
      fc.property(randomConfiguration, randomConfiguration, (a, b) => {
        expect(configurationDiff(a, a)).toEqual([])
        expect(configurationDiff(a, b).length === 0).toBe(configurationId(a) === configurationId(b))
      }),
    )
  })
})
