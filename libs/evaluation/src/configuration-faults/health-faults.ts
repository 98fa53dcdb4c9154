import type { HealthThresholds } from '@tidemark/model'
import { durationText, ppmText } from '../format.ts'
import { anyUs, within, type ConfigurationFault } from './fault.ts'

const million = 1_000_000

export const healthFaults = (
  { degraded, critical, down }: HealthThresholds,
  path: readonly string[],
): readonly ConfigurationFault[] => [
  ...Object.entries({ degraded, critical }).flatMap(([status, thresholds]) => {
    const at = [...path, status]
    return [
      ...within(thresholds.errorRateAbovePpm, [0, million], [...at, 'errorRate'], ppmText),
      ...within(thresholds.p99AboveUs, anyUs, [...at, 'p99'], durationText),
      ...within(thresholds.errorRateExitPpm, [0, million], [...at, 'exit', 'errorRate'], ppmText),
      ...within(thresholds.p99ExitUs, anyUs, [...at, 'exit', 'p99'], durationText),
    ]
  }),
  ...within(down.availabilityBelowPpm, [0, million], [...path, 'down', 'availability'], ppmText),
  ...within(
    down.availabilityExitPpm,
    [0, million],
    [...path, 'down', 'exit', 'availability'],
    ppmText,
  ),
]
