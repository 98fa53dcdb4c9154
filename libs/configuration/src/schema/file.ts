import { configurationMax } from '@tidemark/evaluation'
import { type z } from 'zod'
import { duration, id, instant, integer, matchers, oneOf, severity, text } from './fields.ts'
import { list, mapping } from './mapping.ts'
import { rule } from './rule.ts'
import { services } from './service.ts'
import { slo } from './slo.ts'
import { thresholds } from './thresholds.ts'

const planned = (what: string) => ({
  id: id({ description: `Names the ${what}.` }),
  from: instant({ description: 'When it begins.' }),
  to: instant({ description: 'When it is over.' }),
  note: text({ description: 'Why.' }).optional(),
})

const silence = mapping(
  {
    ...planned('silence'),
    matchers: matchers({ description: 'Alerts that it hides, by their labels.' }),
  },
  'Alerts that match are recorded all the same, as silenced.',
)

const maintenance = mapping(
  {
    ...planned('maintenance'),
    matchers: matchers({
      description: 'Services that are worked on, by service, team, tier, registered.',
      examples: ['team="shop"'],
    }),
  },
  'Services that match are under maintenance: not judged, and their alerts silenced.',
)

const inhibition = mapping(
  {
    source: matchers({ description: 'While an alert of a service matches this,' }),
    target: matchers({
      description: 'its alerts that match this, and not the source, are inhibited.',
    }),
  },
  'An alert that makes others of its service superfluous.',
)

const step = mapping(
  {
    after: duration({ description: 'How long nobody has answered.', examples: ['15m'] }),
    severities: list(
      severity({ description: 'Of the alerts that escalate.' }),
      3,
      'For which alerts.',
    ),
  },
  'An alert that nobody answers escalates.',
)

const signals = mapping(
  {
    horizon: duration({
      description: 'Signals are computed over so long. 60s when left out.',
    }).optional(),
    requests: integer(1, 1_000_000, {
      description: 'Fewer requests give no error rate and no latency. 20 when left out.',
    }).optional(),
    checks: integer(1, 1_000_000, {
      description: 'Fewer checks give no availability. 5 when left out.',
    }).optional(),
  },
  'What signals are computed over.',
)

const tracking = mapping(
  {
    improveAfter: integer(1, 1000, {
      description:
        'Windows in a row past the exit thresholds before a status improves. 3 when left out.',
    }).optional(),
    downFailures: integer(1, 1000, {
      description:
        'Failed checks in the horizon without which a service is not down. 2 when left out.',
    }).optional(),
    staleAfter: duration({
      description: 'How long a status is held without what caused it. 10m when left out.',
    }).optional(),
    absentAfter: duration({
      description:
        'A registered service that sends nothing for so long is absent. 60s when left out.',
    }).optional(),
    forgetAfter: duration({
      description:
        'An unregistered service that sends nothing for so long is forgotten. 24h when left out.',
    }).optional(),
  },
  'What the status of a service remembers.',
)

/** What tidemark.yaml may hold; what is left out has its default. */
export const file = mapping(
  {
    services: services.optional(),
    slos: list(slo, configurationMax.slos, 'Objectives, added to the default ones.').optional(),
    rules: list(rule, configurationMax.rules, 'Alert rules, added to the default ones.').optional(),
    thresholds: thresholds.optional(),
    signals: signals.optional(),
    tracking: tracking.optional(),
    unregistered: oneOf(['register', 'ignore'], {
      description: 'Services that are not named here are judged as well, or only counted.',
    }).optional(),
    limits: mapping(
      {
        unregistered: integer(0, 1_000_000, {
          description:
            'Unregistered services that a partition follows at a time. 10000 when left out.',
        }).optional(),
      },
      'Bounds.',
    ).optional(),
    silences: list(silence, configurationMax.silences, 'Planned silences.').optional(),
    maintenance: list(maintenance, configurationMax.silences, 'Planned maintenance.').optional(),
    inhibition: list(
      inhibition,
      configurationMax.inhibition,
      'Instead of the default one; [] for none.',
    ).optional(),
    escalation: list(
      step,
      configurationMax.escalation,
      'Steps, in their order, instead of the default ones; [] for none.',
    ).optional(),
  },
  'Configuration of Tidemark.',
)

export type ConfigurationFile = z.output<typeof file>
