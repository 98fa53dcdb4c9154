import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { faultText } from '@tidemark/configuration'
import { detectedAs, faultNames, trafficOf, usualFaults, virtualStartUs } from '@tidemark/traffic'
import fc from 'fast-check'
import { readScenario } from './read-scenario.ts'
import type { ScenarioFile } from './scenario.ts'

const second = 1_000_000
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const scenarioOf = (text: string): ScenarioFile => {
  const reading = readScenario(bytesOf(text))
  if (!reading.ok)
    throw new Error(reading.faults.map((fault) => faultText('s.yaml', fault)).join('\n'))
  return reading.scenario
}
const faultsOf = (text: string): readonly string[] => {
  const reading = readScenario(bytesOf(text))
  return reading.ok ? [] : reading.faults.map((fault) => faultText('s.yaml', fault))
}

const smallest = `
duration: 5m
services:
  checkout: { rate: 4/s, latency: 80ms }
`

describe('readScenario', () => {
  it('takes the usual for all that is left out', () => {
    expect(scenarioOf(smallest)).toEqual({
      description: null,
      seed: 42,
      scenario: {
        scenario: 'live',
        startUs: virtualStartUs,
        durationUs: 300 * second,
        rate: 1,
        rhythm: null,
      },
      services: [
        {
          service: 'checkout',
          team: null,
          latencyUs: 80_000,
          latencySigma: 0.3,
          errorPpm: 0,
          downPpm: 0,
          requestsPerSecond: 4,
          checkEveryUs: 5 * second,
          operations: [{ operation: 'GET /', weight: 1, status: 200 }],
        },
      ],
      faults: [],
    })
  })

  it('takes everything that is said, in units of microseconds and parts per million', () => {
    const { services, faults, ...rest } = scenarioOf(`
description: Everything
seed: 7
start: 2026-11-21T03:00:00Z
duration: 1h
services:
  search: { rate: 90/h, latency: 40ms, checks: none }
  checkout:
    team: shop
    rate: 6/m
    latency: 1.5s
    sigma: 0.5
    errors: 0.1%
    checks: { every: 30s, failures: 2% }
    operations:
      - { operation: POST /orders, weight: 3, status: 201 }
      - { operation: 'job:invoice' }
faults:
  - { fault: noisy-neighbour, service: checkout, neighbour: search, from: 1m, for: 2m, surge: 3.5, times: 4, detect: page }
  - { fault: clock-skew, service: search, from: 0s, for: 30s, skew: -3s, detect: critical }
  - { fault: down, service: search, from: 10m, for: 30s, detect: none }
`)
    const startUs = 1_795_230_000 * second
    expect(rest).toMatchObject({
      description: 'Everything',
      seed: 7,
      scenario: { startUs, durationUs: 3600 * second },
    })
    expect(services).toEqual([
      {
        service: 'checkout',
        team: 'shop',
        latencyUs: 1_500_000,
        latencySigma: 0.5,
        errorPpm: 1000,
        downPpm: 20_000,
        requestsPerSecond: 0.1,
        checkEveryUs: 30 * second,
        operations: [
          { operation: 'POST /orders', weight: 3, status: 201 },
          { operation: 'job:invoice', weight: 1, status: 200 },
        ],
      },
      expect.objectContaining({
        service: 'search',
        requestsPerSecond: 0.025,
        checkEveryUs: null,
        downPpm: 0,
      }),
    ])
    expect(faults).toEqual([
      {
        service: 'checkout',
        fromUs: startUs + 60 * second,
        toUs: startUs + 180 * second,
        detect: 'page',
        fault: 'noisy-neighbour',
        neighbour: 'search',
        surgeTimes: 3.5,
        times: 4,
      },
      {
        service: 'search',
        fromUs: startUs,
        toUs: startUs + 30 * second,
        detect: 'critical',
        fault: 'clock-skew',
        skewUs: -3 * second,
      },
      {
        service: 'search',
        fromUs: startUs + 600 * second,
        toUs: startUs + 630 * second,
        detect: null,
        fault: 'down',
      },
    ])
  })

  it('knows every fault, as strong and as severe as usual', () => {
    const lines = faultNames.map((name) => {
      const neighbour = name === 'noisy-neighbour' ? ', neighbour: search' : ''
      return `  - { fault: ${name}, service: checkout, from: 1m, for: 1m${neighbour} }`
    })
    const text = `${smallest}  search: { rate: 1/s, latency: 1ms }\nfaults:\n${lines.join('\n')}`
    const { faults, services, scenario } = scenarioOf(text)
    expect(faults).toEqual(
      faultNames.map((name) => ({
        service: 'checkout',
        fromUs: virtualStartUs + 60 * second,
        toUs: virtualStartUs + 120 * second,
        detect: detectedAs[name],
        ...(name === 'noisy-neighbour' && { neighbour: 'search' }),
        ...usualFaults[name],
      })),
    )
    expect([...trafficOf(scenario, { services, faults }).events()].length).toBeGreaterThan(1000)
  })

  it('reads JSON, which is YAML', () => {
    const json = { duration: '5m', services: { checkout: { rate: '4/s', latency: '80ms' } } }
    expect(scenarioOf(JSON.stringify(json))).toEqual(scenarioOf(smallest))
  })

  it('says everything that is wrong, each with its line, its path and what was allowed', () => {
    expect(
      faultsOf(`
duration: soon
seeds: 3
services:
  check out: { rate: 4/s, latency: 80ms }
  search:
    rate: 4
    latency: 40
    errors: 5
    sigma: 9
faults:
  - { fault: dwon, service: search, from: 1m, for: 1m }
  - { fault: latency, service: search, from: 1m, times: 0, detect: loud }
  - { fault: retry-storm, service: search, from: 1m, for: 1m, retries: 99 }
`),
    ).toEqual([
      's.yaml:2:11: duration: "soon" is not a duration like 500ms, 1m30s, 1.5s, 30d or PT1M30S',
      expect.stringMatching(/^s\.yaml:3:1: seeds: unknown key "seeds", did you mean seed\?/),
      expect.stringMatching(/^s\.yaml:5:3: services\["check out"\]: .*check out/),
      expect.stringMatching(
        /^s\.yaml:7:11: services\.search\.rate: "4" is not so many in a second/,
      ),
      expect.stringMatching(/^s\.yaml:8:14: services\.search\.latency: "40" is not a duration/),
      expect.stringMatching(/^s\.yaml:9:13: services\.search\.errors: 5 may be 5% or 500%/),
      's.yaml:10:12: services.search.sigma: "9" is not a number of 0 to 3',
      expect.stringMatching(/^s\.yaml:12:.*fault: found "dwon", expected one of latency, .*down/),
      expect.stringMatching(/^s\.yaml:13:.*for: missing: expected a duration/),
      expect.stringMatching(/^s\.yaml:13:.*times: "0" is not a number of 1 to 10000/),
      expect.stringMatching(/^s\.yaml:13:.*detect: found "loud", expected one of page, critical/),
      expect.stringMatching(/^s\.yaml:14:.*retries: found 99, expected a whole number of 1 to 20/),
    ])
  })

  it('says what makes no sense where everything has its form', () => {
    expect(
      faultsOf(`
duration: 100d
services:
  checkout: { rate: 4/s, latency: 80ms, checks: { every: 1us }, operations: [] }
  search: { rate: 4/s, latency: 40ms }
faults:
  - { fault: down, service: chekcout, from: 1m, for: 1m }
  - { fault: down, service: search, from: 100d, for: 0s }
  - { fault: noisy-neighbour, service: search, neighbour: search, from: 1m, for: 1m }
  - { fault: noisy-neighbour, service: search, neighbour: nobody, from: 1m, for: 1m }
  - { fault: flapping, service: search, from: 1m, for: 1m, period: 0s }
`).map((fault) => fault.replace(/^s\.yaml:(\d+):\d+: /, '$1 ')),
    ).toEqual([
      '2 duration: not within 1s and 31d',
      '4 services.checkout.checks.every: under 1ms',
      '4 services.checkout.operations: none: leave it out, or name at least one',
      '7 faults[0].service: no service "chekcout", did you mean checkout? There are checkout, search',
      '8 faults[1].from: not before the end of the scenario',
      '8 faults[1].for: lasts for no time',
      '9 faults[2].neighbour: is the service itself: another one is expected',
      '10 faults[3].neighbour: no service "nobody". There are checkout, search',
      '11 faults[4].period: lasts for no time',
    ])
    expect(faultsOf('duration: 1m\nservices: {}')).toEqual([
      expect.stringMatching(/services: none: at least one is expected/),
    ])
  })

  it('never throws, and never takes what the traffic refuses', () => {
    const pieces = fc.constantFrom(
      ...['duration: 1m\n', 'services:\n', '  a: { rate: 1/s, latency: 1ms }\n', 'faults:\n'],
      ...[
        '  - { fault: down, service: a, from: 1s, for: 1s }\n',
        '{',
        '}',
        '- ',
        ': ',
        '&x ',
        '*x',
      ],
      ...[
        '  - { fault: flapping, service: a, from: 1s, for: 1s, down: 0s }\n',
        '0',
        '1/h',
        '%',
        '\t',
      ],
      ...[
        '  b: { rate: 0.000000001/h, latency: 0, checks: { every: 31d } }\n',
        'none',
        '"',
        '\u0000',
      ],
    )
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(text, (given) => {
        const reading = readScenario(bytesOf(given))
        if (!reading.ok) {
          expect(reading.faults.length).toBeGreaterThan(0)
          return
        }
        const { scenario, services, faults, seed } = reading.scenario
        const traffic = trafficOf(scenario, { services, faults, seed })
        expect([...traffic.faults()]).toHaveLength(faults.length)
        expect(
          traffic.events()[Symbol.iterator]().next().value?.sentUs ?? scenario.startUs,
        ).toBeGreaterThanOrEqual(scenario.startUs)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the scenarios that come along', () => {
  const folder = join(import.meta.dirname, '../../../../examples/scenarios')
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

  it('are all that the issue of detection asks for', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'clock-skew.yaml',
        'down.yaml',
        'error-burst.yaml',
        'flapping.yaml',
        'latency-creep.yaml',
        'low-traffic.yaml',
        'noisy-neighbour.yaml',
        'quiet.yaml',
        'retry-storm.yaml',
        'silent-producer.yaml',
      ]),
    )
  })

  it.each(files)('%s: is read, and says what it is about', (name) => {
    const { description } = scenarioOf(readFileSync(join(folder, name), 'utf8'))
    expect(description).toMatch(/\w/)
  })
})
