import { defaultConfiguration } from '@tidemark/model'
import { durationTextOf } from '../quantity/duration.ts'
import { ratioText } from '../quantity/ratio.ts'
import { duration, ratio } from './fields.ts'
import { mapping } from './mapping.ts'

const { health } = defaultConfiguration

/** What a threshold is where none is given. */
const share = (description: string, ppm: number) =>
  ratio({ description, examples: [ratioText(ppm)] }).optional()
const p99 = (description: string, us: number) =>
  duration({ description, examples: [durationTextOf(us)] }).optional()

const degradation = (status: 'degraded' | 'critical') => {
  const fallback = health[status]
  return mapping(
    {
      errorRate: share(`Above this error rate a service is ${status}.`, fallback.errorRateAbovePpm),
      p99: p99(`Above this p99 a service is ${status}.`, fallback.p99AboveUs),
      exit: mapping(
        {
          errorRate: share('Left below this error rate', fallback.errorRateExitPpm),
          p99: p99('and below this p99.', fallback.p99ExitUs),
        },
        `When a service is no longer ${status}.`,
      ).optional(),
    },
    `When a service is ${status}.`,
  ).optional()
}

/** The table of health; what is left out is what it would be without. */
export const thresholds = mapping(
  {
    degraded: degradation('degraded'),
    critical: degradation('critical'),
    down: mapping(
      {
        availability: share(
          'Below this share of passed health checks a service is down.',
          health.down.availabilityBelowPpm,
        ),
        exit: mapping(
          {
            availability: share('Left at or above this share.', health.down.availabilityExitPpm),
          },
          'When a service is no longer down.',
        ).optional(),
      },
      'When a service is down.',
    ).optional(),
  },
  'When a service is degraded, critical or down, and when it no longer is. The values shown are the defaults.',
)
