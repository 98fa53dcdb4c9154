import type { PlatformTotals } from '@tidemark/model'

/** Mean of the reliability scores, rounded half up; null where no service has one. */
export const averageReliability = ({
  reliabilitySum,
  reliabilityCount,
}: PlatformTotals): number | null =>
  reliabilityCount === 0
    ? null
    : Math.floor((2 * reliabilitySum + reliabilityCount) / (2 * reliabilityCount))
