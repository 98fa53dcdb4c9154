import { configurationMax, labelPattern, summaryNames } from '@tidemark/evaluation'
import { z } from 'zod'
import {
  budgetConditionOf,
  budgetForms,
  scorecardConditionOf,
  scorecardForms,
  signalConditionOf,
  signalForms,
} from '../quantity/condition.ts'
import { shown } from '../quantity/outcome.ts'
import { writtenField } from './field.ts'
import { duration, id, matchers, ratio, severity, text } from './fields.ts'
import { list, mapping, names } from './mapping.ts'

const ruleId = id({ description: 'Takes the place of the default rule of the same id.' })

const labelName = names(labelPattern, (name) =>
  labelPattern.test(name)
    ? null
    : `${shown(name)} is no name of a label: a letter or _, then up to 99 of [A-Za-z0-9_]`,
)

const common = {
  id: ruleId,
  match: matchers({
    description: 'Services that it looks at, by service, team, tier, registered; left out: all.',
    examples: ['tier="1"'],
  }).optional(),
  labels: z
    .record(labelName, text({ description: 'Value of the label.' }))
    .meta({ description: 'On its alerts, besides those that Tidemark gives.' })
    .optional(),
  summary: text({
    description: `Template of the summary, with names in double braces: ${summaryNames.join(', ')}.`,
    examples: ['{{service}}: {{value}} {{limit}}'],
  }).optional(),
  runbook: text({ description: "Instead of the service's." }).optional(),
  for: duration({ description: 'How long it must hold before it fires.' }).optional(),
  keepFiringFor: duration({ description: 'How long it goes on behind its end.' }).optional(),
}

const severe = severity({ description: 'Of its alerts.' })

const slos = list(
  id({ description: 'Id of an objective.' }),
  configurationMax.slosPerRule,
  'Ids of objectives that it looks at; left out: all.',
)

const burnWindow = mapping(
  {
    severity: severe,
    long: duration({ description: 'The long window.', examples: ['1h'] }),
    short: duration({ description: 'The short window.', examples: ['5m'] }),
    budget: ratio({
      description:
        'Share of the error budget that a burn at the factor spends in the long window. The factor is budget x period / long.',
      examples: ['2%'],
    }),
  },
  'Two windows that must both burn faster than the factor.',
)

/** A rule by its kind; `none` takes a default one away. */
export const rule = z.discriminatedUnion('kind', [
  mapping(
    { kind: z.literal('health'), ...common },
    'On the status of a service: degraded warns, critical is critical, down pages.',
  ),
  mapping(
    {
      ...{ kind: z.literal('threshold'), ...common, severity: severe },
      when: writtenField(
        { description: 'Signal, operator, value.', examples: ['p95 > 200ms', 'error_rate >= 5%'] },
        signalForms,
        signalConditionOf,
      ),
    },
    'On a signal: error_rate, availability, p50, p95, p99, p999.',
  ),
  mapping(
    { kind: z.literal('absence'), ...common, severity: severe },
    'On a service that sends nothing for tracking.absentAfter.',
  ),
  mapping(
    {
      ...{ kind: z.literal('burn-rate'), ...common, slos: slos.optional() },
      windows: list(
        burnWindow,
        configurationMax.burnWindows,
        'Pairs of windows; left out: 1h/5m, 6h/30m, 1d/2h, 3d/6h.',
      ).optional(),
    },
    'On error budgets that are spent too fast.',
  ),
  mapping(
    {
      ...{ kind: z.literal('budget'), ...common, severity: severe, slos: slos.optional() },
      when: writtenField(
        { description: 'Share of the error budget left.', examples: ['remaining < 10%'] },
        budgetForms,
        budgetConditionOf,
      ),
    },
    'On error budgets that are nearly spent.',
  ),
  mapping(
    {
      ...{ kind: z.literal('scorecard'), ...common, severity: severe },
      when: writtenField(
        {
          description: 'What is wrong with a card.',
          examples: ['cost > budget', 'reliability < 70'],
        },
        scorecardForms,
        scorecardConditionOf,
      ),
    },
    'On cost, reliability or governance.',
  ),
  mapping({ kind: z.literal('none'), id: ruleId }, 'Takes the default rule of this id away.'),
])
