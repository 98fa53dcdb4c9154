import { describe, expect, it } from '@jest/globals'
import {
  defaultConfiguration,
  defaultLayout,
  defaultRuleFields,
  defaultServiceFields,
  type Configuration,
  type PlannedSilence,
  type Rule,
  type Slo,
} from '@tidemark/model'
import { configurationFaults } from './configuration-faults.ts'

const configuration: Configuration = {
  ...defaultConfiguration,
  services: [
    { ...defaultServiceFields, service: 'cart', budget: { currency: 'EUR', amountMinor: 1 } },
    { ...defaultServiceFields, service: 'checkout', health: defaultConfiguration.health },
  ],
}
const [slo] = configuration.slos as [Slo]
const burn = configuration.rules.find((rule) => rule.kind === 'burn-rate')!
const own = { ...slo, id: 'own', service: 'cart' }
const silence: PlannedSilence = {
  ...{ id: 's', matchers: [{ label: 'service', operator: '=', value: 'cart' }], note: null },
  ...{ fromUs: 0, toUs: 1 },
}
const rule = (given: Partial<Rule>): Rule =>
  ({ ...defaultRuleFields, id: 'r', kind: 'absence', severity: 'page', ...given }) as Rule
const burnRule = (long: number, short: number, budgetPpm = 20_000): Rule => ({
  ...burn,
  windows: [{ severity: 'page', longUs: long, shortUs: short, budgetPpm }],
})
const minute = 60_000_000

const faultsOf = (given: Partial<Configuration>): readonly string[] =>
  configurationFaults({ ...configuration, ...given }, defaultLayout).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )

describe('a configuration', () => {
  it('can be worked with by default', () => {
    expect(faultsOf({})).toEqual([])
  })

  it.each<[Partial<Configuration>, string]>([
    [{ horizonUs: 0 }, 'signals.horizon: 0us is not within 10s to 1h'],
    [{ horizonUs: 25_000_000 }, 'signals.horizon: 25s is no number of whole windows of 10s'],
    [{ requestsMin: 0 }, 'signals.requests: 0 is not within 1 to 1000000'],
    [{ improveAfterWindows: 1.5 }, 'tracking.improveAfter: 1.5 is not within 1 to 1000'],
    [{ staleAfterUs: -1 }, 'tracking.staleAfter: -1us is not at least 0us'],
    [{ unregisteredMax: -1 }, 'limits.unregistered: -1 is not within 0 to 1000000'],
    [
      {
        health: {
          ...configuration.health,
          down: { availabilityBelowPpm: 1_000_001, availabilityExitPpm: 1 },
        },
      },
      'thresholds.down.availability: 100.0001% is not within 0% to 100%',
    ],
    [
      { services: [configuration.services[0]!, configuration.services[0]!] },
      'services.cart: is there twice',
    ],
    [
      { services: [{ ...defaultServiceFields, service: 'a b' }] },
      'services.a b: service: "a b" is not 1-128 characters of [A-Za-z0-9._/-]',
    ],
    [
      {
        services: [{ ...configuration.services[0]!, budget: { currency: 'EURO', amountMinor: 1 } }],
      },
      'services.cart.budget.currency: currency: "EURO" is no currency of ISO 4217, like EUR or USD',
    ],
    [{ services: [{ ...configuration.services[0]!, team: '' }] }, 'services.cart.team: empty'],
    [{ slos: [slo, slo] }, 'slos.availability: is there twice'],
    [
      { slos: [{ ...own, service: 'nobody' }] },
      'slos.own@nobody.service: nobody is not among the services',
    ],
    [
      { slos: [{ ...slo, targetPpm: 0 }] },
      'slos.availability.target: 0% is not above 0% and at most 100%',
    ],
    [
      { slos: [{ ...slo, targetPpm: 1_000_001 }] },
      'slos.availability.target: 100.0001% is not above 0% and at most 100%',
    ],
    [
      { slos: [{ ...slo, period: { kind: 'rolling', days: 32 } }] },
      'slos.availability.period: 32d is not within 1d to 31d',
    ],
    [
      { slos: [{ ...slo, indicator: { kind: 'latency', thresholdUs: 600_000_001 } }] },
      'slos.availability.threshold: 600000001us is outside the range of the histogram, 1us to 10m',
    ],
    [
      {
        slos: [
          {
            ...slo,
            indicator: {
              kind: 'availability',
              badStatuses: [
                { from: 500, to: 599 },
                { from: 429, to: 429 },
              ],
            },
          },
        ],
      },
      'slos.availability.badStatuses: 429 is not above the range before, which ends with 599',
    ],
    [
      { slos: Array.from({ length: 51 }, (_, n) => ({ ...own, id: `o${n}` })) },
      'services.cart: 51 objectives, at most 50 are followed of a service',
    ],
    [
      { rules: [rule({ id: 'a b' })] },
      'rules.a b: "a b" is not 1 to 100 characters of [A-Za-z0-9._-], the first a letter or digit',
    ],
    [{ rules: [rule({}), rule({})] }, 'rules.r: is there twice'],
    [
      { rules: [rule({ match: [{ label: 'service', operator: '=~', value: '(' }] })] },
      'rules.r.match: pattern "(": a ( without its ), at character 2',
    ],
    [
      { rules: [rule({ labels: [{ name: 'severity', value: 'x' }] })] },
      'rules.r.labels.severity: Tidemark gives this label itself',
    ],
    [
      {
        rules: [
          rule({
            labels: [
              { name: 'a', value: 'x' },
              { name: 'a', value: 'x' },
            ],
          }),
        ],
      },
      'rules.r.labels.a: is there twice',
    ],
    [{ rules: [rule({ forUs: -1 })] }, 'rules.r.for: -1us is not at least 0us'],
    [
      { rules: [burnRule(90_000_000, minute)] },
      'rules.slo-burn.windows.0.long: 90s is no number of whole minutes',
    ],
    [
      { rules: [burnRule(390 * minute, minute)] },
      'rules.slo-burn.windows.0.long: 390m is no number of whole hours, as windows above 6 h are',
    ],
    [
      { rules: [burnRule(60 * minute, 60 * minute)] },
      'rules.slo-burn.windows.0.short: 1h is not shorter than the long window, 1h',
    ],
    [
      { rules: [burnRule(32 * 24 * 60 * minute, 60 * minute)] },
      'rules.slo-burn.windows.0.long: 768h is not within 1m to 744h',
    ],
    [
      { rules: [burnRule(60 * minute, minute, 0)] },
      'rules.slo-burn.windows.0.budget: 0% is not within 0.0001% to 100000000%',
    ],
    [
      { silences: [silence], maintenance: [silence] },
      'maintenance.s: is the id of a silence as well',
    ],
    [{ silences: [silence, silence] }, 'silences.s: is there twice'],
    [
      { silences: [{ ...silence, matchers: [{ label: 'a b', operator: '=', value: '' }] }] },
      'silences.s.matchers: "a b" is no name of a label',
    ],
    [
      {
        escalation: [
          { afterUs: 2, severities: ['page'] },
          { afterUs: 2, severities: ['page'] },
        ],
      },
      'escalation.1.after: 2us is not after the step before, 2us',
    ],
    [
      { escalation: [{ afterUs: 1, severities: [] }] },
      'escalation.0.severities: none: no alert would take it',
    ],
    [
      { inhibition: Array.from({ length: 101 }, () => ({ source: [], target: [] })) },
      'inhibition: 101 items, at most 100 are allowed',
    ],
  ])('cannot be worked with where something is out of bounds: %#', (given, fault) => {
    expect(faultsOf(given)).toEqual([fault])
  })

  it('has a horizon of whole windows of the layout', () => {
    const minutely = { ...defaultLayout, windowUs: minute }
    expect(configurationFaults({ ...configuration, horizonUs: 90_000_000 }, minutely)).toHaveLength(
      1,
    )
    expect(configurationFaults({ ...configuration, horizonUs: 2 * minute }, minutely)).toEqual([])
  })
})
