export const governanceChecks = [
  'runbook',
  'monitoring',
  'owner',
  'documentation',
  'incident_response',
] as const
export type GovernanceCheck = (typeof governanceChecks)[number]

/** What is known of one check; skipped ones leave both counts, until they expire. */
export type GovernanceFinding =
  | { readonly kind: 'passed' | 'failed'; readonly check: GovernanceCheck }
  | {
      readonly kind: 'skipped'
      readonly check: GovernanceCheck
      readonly reason: string
      readonly untilUs: number
    }

export type GovernanceStatus = 'compliant' | 'partial' | 'non_compliant'

const passedForPartial = 3

/** None failed: compliant; at least 3 passed: partial; fewer: non_compliant. Source: domain.md section 7. */
export const governanceStatus = (findings: readonly GovernanceFinding[]): GovernanceStatus => {
  if (!findings.some(({ kind }) => kind === 'failed')) return 'compliant'
  const passed = findings.filter(({ kind }) => kind === 'passed').length
  return passed >= passedForPartial ? 'partial' : 'non_compliant'
}

const missing: { readonly [C in GovernanceCheck]: string } = {
  runbook: 'operational runbook',
  monitoring: 'events of the last 24 hours',
  owner: 'owner',
  documentation: 'documentation',
  incident_response: 'incident response plan',
}

/** What is wrong, in words: `checkout missing operational runbook`. */
export const governanceMessage = (service: string, check: GovernanceCheck): string =>
  `${service} missing ${missing[check]}`
