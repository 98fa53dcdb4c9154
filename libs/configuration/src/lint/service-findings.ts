import { isoOf, type Configuration } from '@tidemark/model'
import { warning, warningIf, type Finding } from './finding.ts'

/** What services lack that somebody will look for. */
export const serviceFindings = (
  { services, unregistered }: Configuration,
  nowUs: number,
): readonly Finding[] => [
  ...services.flatMap(({ service, owner, runbook, skips }) => {
    const path = ['services', service]
    const skipped = new Set(
      skips.filter(({ untilUs }) => untilUs > nowUs).map(({ check }) => check),
    )
    return [
      ...warningIf(owner === null && !skipped.has('owner'), path, 'has no owner'),
      ...warningIf(runbook === null && !skipped.has('runbook'), path, 'has no runbook'),
      ...skips.flatMap(({ check, untilUs }) =>
        warningIf(
          untilUs <= nowUs,
          [...path, 'skip'],
          `the skip of ${check} is over since ${isoOf(untilUs)}`,
        ),
      ),
    ]
  }),
  ...(services.length === 0
    ? [
        warning(
          ['services'],
          unregistered === 'ignore'
            ? 'no service is registered, and others are ignored: nothing is judged'
            : 'no service is registered: none has objectives, and no silence is an absence',
        ),
      ]
    : []),
]
