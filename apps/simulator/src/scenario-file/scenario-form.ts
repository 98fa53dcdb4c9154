import {
  duration,
  instant,
  integer,
  list,
  mapping,
  oneOf,
  ratio,
  serviceName,
  text,
} from '@tidemark/configuration'
import { severities } from '@tidemark/model'
import { z } from 'zod'
import { number, rate, skew } from './quantities.ts'

const operation = mapping(
  {
    operation: text({ description: 'What the requests ask for.', examples: ['GET /cart'] }),
    weight: integer(1, 1000, {
      description: 'How often, against the others. 1 when left out.',
    }).optional(),
    status: integer(100, 599, {
      description: 'Of a request that succeeds. 200 when left out.',
    }).optional(),
  },
  'A kind of request.',
)

const checks = mapping(
  {
    every: duration({ description: 'From one check to the next. 5s when left out.' }).optional(),
    failures: ratio({ description: 'Share that fails. 0% when left out.' }).optional(),
  },
  'Health checks; left out: one in 5 s, and none fails.',
)

const profile = mapping(
  {
    team: text({ description: 'Who works on it.' }).optional(),
    rate: rate({ description: 'Requests: a Poisson process of this rate.' }),
    latency: duration({ description: 'Median of its latencies.', examples: ['80ms'] }),
    sigma: number(0, 3, {
      description: 'Standard deviation of the logarithm of its latencies. 0.3 when left out.',
    }).optional(),
    errors: ratio({ description: 'Share of requests that fails. 0% when left out.' }).optional(),
    checks: z.union([z.literal('none'), checks]).optional(),
    operations: list(operation, 100, 'Kinds of requests; left out: one.').optional(),
  },
  'A service, and how it is while nothing is wrong with it.',
)

const common = {
  service: text({ description: 'The service that something is wrong with.' }),
  from: duration({ description: 'When it begins, since the begin of the scenario.' }),
  for: duration({ description: 'How long it lasts.' }),
  detect: oneOf([...severities, 'none'], {
    description: 'The least severity by which it should be told; none: it is no outage.',
  }).optional(),
}

const times = (description: string) => number(1, 10_000, { description }).optional()
const share = (description: string) => ratio({ description }).optional()

const fault = z.discriminatedUnion('fault', [
  mapping(
    { fault: z.literal('latency'), ...common, times: times('8 when left out.') },
    'Latencies are so many times as long.',
  ),
  mapping(
    { fault: z.literal('latency-creep'), ...common, times: times('20 when left out.') },
    'Latencies grow evenly, up to so many times at the end.',
  ),
  mapping(
    { fault: z.literal('error-burst'), ...common, errors: share('40% when left out.') },
    'So many more requests fail.',
  ),
  mapping({ fault: z.literal('down'), ...common }, 'Every request and every health check fails.'),
  mapping(
    {
      ...{ fault: z.literal('flapping'), ...common },
      period: duration({ description: '3m when left out.' }).optional(),
      down: duration({ description: 'First part of each period. 40s when left out.' }).optional(),
    },
    'Down for the first part of every period.',
  ),
  mapping(
    {
      ...{ fault: z.literal('retry-storm'), ...common },
      errors: share('Of the requests, and of the retries. 80% when left out.'),
      retries: integer(1, 20, { description: 'Of one request. 5 when left out.' }).optional(),
      backoff: duration({ description: 'Before the first retry. 200ms when left out.' }).optional(),
    },
    'Requests fail and are made again: failures cause more requests.',
  ),
  mapping(
    {
      ...{ fault: z.literal('noisy-neighbour'), ...common },
      neighbour: text({ description: 'The service that gets more requests.' }),
      surge: number(1.01, 1000, {
        description: 'So many times as many. 10 when left out.',
      }).optional(),
      times: times('Latencies of the service, on average. 8 when left out.'),
    },
    'One service gets many more requests, and slows another one down.',
  ),
  mapping({ fault: z.literal('silent-producer'), ...common }, 'Nothing is sent.'),
  mapping(
    {
      ...{ fault: z.literal('clock-skew'), ...common },
      skew: skew({ description: '90s when left out.' }).optional(),
    },
    'The clock of the producer is wrong.',
  ),
  mapping(
    {
      ...{ fault: z.literal('duplicates'), ...common, share: share('20% when left out.') },
      after: duration({ description: '250ms when left out.' }).optional(),
    },
    'A share of the events is sent again.',
  ),
  mapping(
    {
      ...{ fault: z.literal('late-events'), ...common, share: share('10% when left out.') },
      delay: duration({ description: '20s when left out.' }).optional(),
    },
    'A share of the events is sent long after it happened.',
  ),
])

export type FaultForm = z.output<typeof fault>
export type ProfileForm = z.output<typeof profile>

/** What a scenario file may hold. */
export const scenarioForm = mapping(
  {
    description: text({ description: 'What happens.' }).optional(),
    seed: integer(0, Number.MAX_SAFE_INTEGER, { description: '42 when left out.' }).optional(),
    start: instant({ description: '2026-01-01T00:00:00Z when left out.' }).optional(),
    duration: duration({ description: 'How long it lasts.' }),
    services: z.record(serviceName, profile).meta({ description: 'Services by name.' }),
    faults: list(fault, 1000, 'What goes wrong.').optional(),
  },
  'A scenario of simulated traffic.',
)

export type ScenarioForm = z.output<typeof scenarioForm>
