import { configurationMax } from '@tidemark/evaluation'
import {
  currencyFault,
  governanceChecks,
  parseAmount,
  serviceNameFault,
  type MonthlyBudget,
} from '@tidemark/model'
import { z } from 'zod'
import { accepted, refused } from '../quantity/outcome.ts'
import { writtenField } from './field.ts'
import { instant, oneOf, text } from './fields.ts'
import { list, mapping, names } from './mapping.ts'
import { thresholds } from './thresholds.ts'

const budget = mapping(
  {
    amount: writtenField(
      { description: 'Per calendar month (UTC); 0 is no budget.', examples: [3500, '1234.50'] },
      'an amount like 3500 or 1234.50',
      (value) => accepted(value),
    ),
    currency: writtenField(
      { description: 'Code of ISO 4217.', examples: ['EUR'] },
      'a currency of ISO 4217 like EUR',
      (value) => {
        const fault = currencyFault('currency', value)
        return fault === null ? accepted(value) : refused(fault)
      },
    ),
  },
  'What the service may cost.',
).transform(({ amount, currency }, context): MonthlyBudget => {
  const parsed = parseAmount(amount, currency)
  if (parsed.ok && parsed.minor >= 0) return { currency, amountMinor: parsed.minor }
  const message = parsed.ok ? `${amount} is negative` : parsed.fault
  context.issues.push({ code: 'custom', message, input: amount, path: ['amount'] })
  return z.NEVER
})

const skip = mapping(
  {
    check: oneOf(governanceChecks, { description: 'The governance check that is not asked for.' }),
    reason: text({ description: 'Why not.' }),
    until: instant({ description: 'When it is asked for again.' }),
  },
  'A governance check that is not asked for now.',
)

const service = mapping(
  {
    team: text({ description: 'Who works on it; a label of its alerts.' }).optional(),
    tier: text({ description: 'How important it is; a label of its alerts.' }).optional(),
    owner: text({ description: 'Who answers for it; passes the governance check.' }).optional(),
    runbook: text({
      description: 'What to do when it fails; on its alerts, and passes the governance check.',
    }).optional(),
    documentation: text({ description: 'Passes the governance check.' }).optional(),
    incidentResponse: text({
      description: 'Who is called and how; passes the governance check incident_response.',
    }).optional(),
    budget: budget.optional(),
    skip: list(
      skip,
      configurationMax.skips,
      'Governance checks that are not asked for now.',
    ).optional(),
    thresholds: thresholds.optional(),
  },
  'A registered service; its silence is an absence.',
)

export const serviceName = names(/^[A-Za-z0-9._/-]{1,128}$/, serviceNameFault)

/** By name. */
export const services = z
  .record(serviceName, service)
  .meta({ description: 'Registered services by name: 1 to 128 of [A-Za-z0-9._/-].' })
