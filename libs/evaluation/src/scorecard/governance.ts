import {
  governanceChecks,
  type Governance,
  type GovernanceCheck,
  type GovernanceEvidence,
  type GovernanceFinding,
  type GovernanceStatus,
  type RegisteredService,
} from '@tidemark/model'

/** What a fact said of one check. */
export type Evidence = Pick<GovernanceEvidence, 'check' | 'result' | 'untilUs' | 'note'>

/** Characters that are kept of a note, or of why a check is skipped: a row of a slice has room for no more. */
export const noteMax = 200
const cut = (text: string): string =>
  text.length <= noteMax ? text : Array.from(text).slice(0, noteMax).join('')

/** With what a fact says of a check, in place of what another one said of it; in the order of the checks. */
export const withEvidence = (
  evidence: readonly Evidence[],
  { check, result, untilUs, note }: Evidence,
): readonly Evidence[] =>
  [
    ...evidence.filter((known) => known.check !== check),
    { check, result, untilUs, note: note && cut(note) },
  ].toSorted((a, b) => governanceChecks.indexOf(a.check) - governanceChecks.indexOf(b.check))

/**
 * Evidence counts instead of the configuration until it expires; whether a service is monitored, though, is proved by events of the last 24
 * hours and by nothing that is said, except that the check is skipped. Source: domain.md section 7.
 */
export const governanceOf = (
  service: RegisteredService,
  evidence: readonly Evidence[],
  { windowEndUs, isMonitored }: { readonly windowEndUs: number; readonly isMonitored: boolean },
): Governance => {
  const findings = governanceChecks.map((check): GovernanceFinding => {
    const said = evidence.find(
      (known) => known.check === check && (known.untilUs === null || known.untilUs > windowEndUs),
    )
    if (said?.result === 'skipped' && said.untilUs !== null)
      return { check, result: 'skipped', message: said.note ?? 'skipped', untilUs: said.untilUs }
    const skip = service.skips.find((each) => each.check === check && each.untilUs > windowEndUs)
    const isSaid = said !== undefined && said.result !== 'skipped' && check !== 'monitoring'
    if (skip !== undefined && !isSaid)
      return { check, result: 'skipped', message: cut(skip.reason), untilUs: skip.untilUs }
    const isPassed = isSaid ? said.result === 'passed' : isProved(check, service, isMonitored)
    const message = isPassed
      ? null
      : ((isSaid ? said.note : null) ?? governanceMessage(service.service, check))
    const untilUs = isSaid ? said.untilUs : null
    return { check, result: isPassed ? 'passed' : 'failed', message, untilUs }
  })
  return { status: governanceStatus(findings), findings }
}

const passedForPartial = 3

/** None failed: compliant; at least 3 passed: partial; fewer: non_compliant. Skipped ones leave both counts. */
export const governanceStatus = (
  findings: readonly Pick<GovernanceFinding, 'result'>[],
): GovernanceStatus => {
  if (!findings.some(({ result }) => result === 'failed')) return 'compliant'
  const passed = findings.filter(({ result }) => result === 'passed').length
  return passed >= passedForPartial ? 'partial' : 'non_compliant'
}

/** What is wrong, in words: `checkout missing operational runbook`. */
export const governanceMessage = (service: string, check: GovernanceCheck): string =>
  `${service} missing ${missing[check]}`

const missing: { readonly [C in GovernanceCheck]: string } = {
  runbook: 'operational runbook',
  monitoring: 'events of the last 24 hours',
  owner: 'owner',
  documentation: 'documentation',
  incident_response: 'incident response plan',
}

const isProved = (
  check: GovernanceCheck,
  { runbook, owner, documentation, incidentResponse }: RegisteredService,
  isMonitored: boolean,
): boolean => {
  if (check === 'monitoring') return isMonitored
  const said = { runbook, owner, documentation, incident_response: incidentResponse }[check]
  return said !== null && said !== ''
}
