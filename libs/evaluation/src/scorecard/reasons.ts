import type {
  CostState,
  Governance,
  ReliabilityDimension,
  ReliabilityScore,
  SloState,
} from '@tidemark/model'
import { percentText, ppmText } from '../format.ts'

// Why a service stands as it does, one line each.

/** `reliability 62: uptime 28/40, MTTR 10/25, incidents 12/20, changes not applicable`. */
export const reliabilityText = ({ score, parts }: ReliabilityScore): string =>
  `reliability ${score ?? 'not applicable'}: ${partsText(parts)}`

/** `uptime 28/40, MTTR 10/25, incidents 12/20, changes not applicable`. */
export const partsText = (parts: ReliabilityScore['parts']): string =>
  parts
    .map(({ dimension, points, pointsMax }) =>
      points === null
        ? `${dimensionWords[dimension]} not applicable`
        : `${dimensionWords[dimension]} ${points}/${pointsMax}`,
    )
    .join(', ')

/** `governance partial: checkout missing owner`, with every check that failed. */
export const governanceText = ({ status, findings }: Governance): string => {
  const failed = findings.filter(({ result }) => result === 'failed')
  const words = failed.map(({ check, message }) => message ?? `${check} failed`)
  return `governance ${statusWords[status]}${words.length === 0 ? '' : `: ${words.join(', ')}`}`
}

/** `SLO not met: availability 99.21% of 99.5%`, with the first three of many. */
export const slosText = (
  missed: readonly Pick<SloState, 'slo' | 'targetPpm' | 'counts'>[],
): string => {
  const words = missed
    .slice(0, namedMax)
    .map(
      ({ slo, targetPpm, counts }) => `${slo} ${complianceText(counts)} of ${ppmText(targetPpm)}`,
    )
  const more = missed.length - words.length
  return `SLO not met: ${words.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** `over budget: 125.0% of the month's EUR`. */
export const costText = (over: readonly CostState[]): string =>
  `over budget: ${over
    .map(
      ({ amountMinor, budgetMinor, currency }) =>
        `${percentText(amountMinor, budgetMinor ?? 1)} of the month's ${currency}`,
    )
    .join(', ')}`

const namedMax = 3

const dimensionWords: { readonly [D in ReliabilityDimension]: string } = {
  uptime: 'uptime',
  repair: 'MTTR',
  incidents: 'incidents',
  changes: 'changes',
}

const statusWords: { readonly [S in Governance['status']]: string } = {
  compliant: 'compliant',
  partial: 'partial',
  non_compliant: 'non-compliant',
}

/** Rounded down, so that what misses a target never reads as if it met it. */
const complianceText = ({ valid, bad }: SloState['counts']): string =>
  ppmText(Number((BigInt(valid - bad) * 1_000_000n) / BigInt(valid)))
