import type { GovernanceEvidence, RegisteredService } from '@tidemark/model'
import { someText } from './differing.ts'
import { dayUs } from './spans.ts'

export type Governance = {
  readonly status: 'compliant' | 'partial' | 'non_compliant'
  readonly findings: readonly object[]
}

/** Domain rules, section 7, at a window's end; `sentUs`: end of the last window in which the service sent anything. */
export const governanceOf = (
  registered: RegisteredService,
  evidence: readonly GovernanceEvidence[],
  sentUs: number | null,
  endUs: number,
): Governance => {
  const proofs: readonly (readonly [check: string, holds: boolean])[] = [
    ['runbook', registered.runbook !== null],
    ['monitoring', sentUs !== null && endUs - sentUs < dayUs],
    ['owner', registered.owner !== null],
    ['documentation', registered.documentation !== null],
    ['incident_response', registered.incidentResponse !== null],
  ]
  const findings = proofs.map(([check, holds]) => {
    const last = evidence.findLast((fact) => fact.check === check)
    const isGood = last !== undefined && (last.untilUs === null || last.untilUs > endUs)
    // That events come is proved by events alone; nobody's word counts, unless it is that nobody asks.
    if (isGood && (check !== 'monitoring' || last.result === 'skipped'))
      return { check, result: last.result, untilUs: last.untilUs }
    const skip = registered.skips.find((each) => each.check === check && each.untilUs > endUs)
    if (skip !== undefined) return { check, result: 'skipped' as const, untilUs: skip.untilUs }
    return { check, result: holds ? ('passed' as const) : ('failed' as const), untilUs: null }
  })
  const having = (result: string): number =>
    findings.filter((finding) => finding.result === result).length
  return {
    status:
      having('failed') === 0 ? 'compliant' : having('passed') >= 3 ? 'partial' : 'non_compliant',
    findings: findings.map((finding) => ({
      ...finding,
      message: finding.result === 'passed' ? null : someText,
    })),
  }
}
