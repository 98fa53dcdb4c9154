import {
  defaultServiceFields,
  governanceChecks,
  type GovernanceFinding,
  type RegisteredService,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { governanceOf, governanceStatus, withEvidence, type Evidence } from './governance.ts'

type Result = GovernanceFinding['result']
const results = (...given: readonly Result[]) => given.map((result) => ({ result }))

describe('the status of governance', () => {
  it.each([
    [
      'compliant with five of five',
      ['passed', 'passed', 'passed', 'passed', 'passed'],
      'compliant',
    ],
    ['partial with three of five', ['passed', 'passed', 'passed', 'failed', 'failed'], 'partial'],
    [
      'non-compliant with two of five',
      ['passed', 'passed', 'failed', 'failed', 'failed'],
      'non_compliant',
    ],
    [
      'compliant where what is missing is skipped',
      ['passed', 'skipped', 'passed', 'passed', 'passed'],
      'compliant',
    ],
    [
      'non-compliant where skipping leaves two of three',
      ['passed', 'passed', 'failed', 'skipped', 'skipped'],
      'non_compliant',
    ],
    [
      'compliant where everything is skipped',
      ['skipped', 'skipped', 'skipped', 'skipped', 'skipped'],
      'compliant',
    ],
  ] as const)('is %s', (_, given, status) => {
    expect(governanceStatus(results(...given))).toBe(status)
  })
})

const windowEndUs = 1_700_000_000_000_000
const checkout: RegisteredService = {
  ...defaultServiceFields,
  service: 'checkout',
  owner: 'crew',
  runbook: 'https://runbooks/checkout',
  documentation: 'https://docs/checkout',
  incidentResponse: 'https://on-call/checkout',
}
const bare: RegisteredService = { ...defaultServiceFields, service: 'checkout' }
const said = (changes: Partial<Evidence>): Evidence => ({
  check: 'runbook',
  result: 'passed',
  untilUs: null,
  note: null,
  ...changes,
})
const findingsOf = (
  service: RegisteredService,
  evidence: readonly Evidence[],
  isMonitored = true,
): Record<string, string> =>
  Object.fromEntries(
    governanceOf(service, evidence, { windowEndUs, isMonitored }).findings.map(
      ({ check, result, message, untilUs }) => [
        check,
        [result, message, untilUs].filter((part) => part !== null).join(' | '),
      ],
    ),
  )

describe('governance of a service', () => {
  it('passes what the configuration names, and what sends', () => {
    const all = governanceOf(checkout, [], { windowEndUs, isMonitored: true })
    expect(all.status).toBe('compliant')
    expect(all.findings).toEqual(
      governanceChecks.map((check) => ({ check, result: 'passed', message: null, untilUs: null })),
    )
  })

  it('says what is missing', () => {
    expect(findingsOf(bare, [], false)).toEqual({
      runbook: 'failed | checkout missing operational runbook',
      monitoring: 'failed | checkout missing events of the last 24 hours',
      owner: 'failed | checkout missing owner',
      documentation: 'failed | checkout missing documentation',
      incident_response: 'failed | checkout missing incident response plan',
    })
  })

  it('takes evidence instead of the configuration, until it expires', () => {
    const failed = said({
      result: 'failed',
      note: 'links to a page that is gone',
      untilUs: windowEndUs + 1,
    })
    expect(findingsOf(checkout, [failed]).runbook).toBe(
      `failed | links to a page that is gone | ${windowEndUs + 1}`,
    )
    expect(findingsOf(checkout, [{ ...failed, untilUs: windowEndUs }]).runbook).toBe('passed')
    expect(findingsOf(bare, [said({ check: 'owner' })]).owner).toBe('passed')
  })

  it('takes no word for monitoring, only events', () => {
    expect(findingsOf(checkout, [said({ check: 'monitoring' })], false).monitoring).toMatch(
      /^failed/,
    )
    expect(
      findingsOf(checkout, [said({ check: 'monitoring', result: 'failed' })], true).monitoring,
    ).toBe('passed')
  })

  it('skips with a reason and an expiry, by evidence or configuration, and never without one', () => {
    const untilUs = windowEndUs + 5
    const planned: RegisteredService = {
      ...bare,
      skips: [
        { check: 'owner', reason: 'handed over in May', untilUs },
        { check: 'documentation', reason: 'too late', untilUs: windowEndUs },
      ],
    }
    const evidence = [
      said({ check: 'monitoring', result: 'skipped', note: 'batch only', untilUs }),
      said({ check: 'incident_response', result: 'skipped' }),
    ]
    expect(findingsOf(planned, evidence, false)).toMatchObject({
      owner: `skipped | handed over in May | ${untilUs}`,
      documentation: 'failed | checkout missing documentation',
      monitoring: `skipped | batch only | ${untilUs}`,
      incident_response: 'failed | checkout missing incident response plan',
    })
  })

  it('keeps the last evidence of each check, and of a note what fits into a row', () => {
    const first = withEvidence([], said({ check: 'owner', result: 'failed' }))
    const both = withEvidence(first, said({ note: '😀'.repeat(1000) }))
    const last = withEvidence(both, said({ check: 'owner', result: 'passed' }))
    expect(last.map(({ check, result }) => `${check} ${result}`)).toEqual([
      'runbook passed',
      'owner passed',
    ])
    expect(last[0]?.note).toBe('😀'.repeat(200))
  })
})
