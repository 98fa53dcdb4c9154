import { configurationMax } from '@tidemark/evaluation'
import { serviceNameFault, type StatusRange } from '@tidemark/model'
import { z } from 'zod'
import { accepted, refused } from '../quantity/outcome.ts'
import { periodForms, periodOf } from '../quantity/period.ts'
import { statusForms, statusRangeOf } from '../quantity/statuses.ts'
import { writtenField } from './field.ts'
import { duration, id, ratio, text } from './fields.ts'
import { list, mapping } from './mapping.ts'

const serviceName = writtenField(
  {
    description:
      'Of this service only; left out: of every registered service that has none of this id.',
  },
  'the name of a service',
  (value) => {
    const fault = serviceNameFault(value)
    return fault === null ? accepted(value) : refused(fault)
  },
)

const common = {
  id: id({ description: 'Takes the place of the default objective of the same id.' }),
  service: serviceName.optional(),
  target: ratio({ description: 'Share of good events, above 0 up to 100%.', examples: ['99.9%'] }),
  period: writtenField(
    {
      description: '1d to 31d, rolling, or month: calendar months in UTC. 30d when left out.',
      examples: ['30d', 'month'],
    },
    periodForms,
    periodOf,
  ).optional(),
}

const badStatuses = list(
  writtenField(
    { description: 'A status, a class or a range.', examples: [429, '5xx', '500-504'] },
    statusForms,
    statusRangeOf,
  ),
  configurationMax.statusRanges,
  'Requests with these statuses are bad; left out: those that their producer calls failed.',
).transform((ranges, context): readonly StatusRange[] => {
  const sorted = ranges.toSorted((a, b) => a.from - b.from)
  const overlapping = sorted.find((range, at) => at > 0 && range.from <= sorted[at - 1]!.to)
  if (overlapping === undefined && sorted.length > 0) return sorted
  const message =
    overlapping === undefined
      ? 'no statuses: leave it out, or name some'
      : `status ${overlapping.from} is there twice`
  context.issues.push({ code: 'custom', message, input: ranges })
  return z.NEVER
})

const threshold = duration({ description: 'Good is at or under it.', examples: ['500ms'] })

/** An objective by its kind; `none` takes a default one away. */
export const slo = z.discriminatedUnion('kind', [
  mapping(
    { kind: z.literal('availability'), ...common, badStatuses: badStatuses.optional() },
    'Good requests of all.',
  ),
  mapping(
    { kind: z.literal('latency'), ...common, threshold },
    'Requests at or under a latency of all.',
  ),
  mapping({ kind: z.literal('uptime'), ...common }, 'Passed health checks of all.'),
  mapping(
    {
      ...{ kind: z.literal('job-latency'), ...common, threshold },
      operations: text({
        description: 'Operations that are jobs; * stands for any characters.',
        examples: ['job:*'],
      }),
    },
    'As latency, over operations whose name matches.',
  ),
  mapping(
    { kind: z.literal('none'), id: common.id },
    'Takes the default objective of this id away.',
  ),
])
