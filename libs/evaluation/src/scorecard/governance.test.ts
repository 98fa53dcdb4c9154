import { describe, expect, it } from '@jest/globals'
import {
  governanceChecks,
  governanceMessage,
  governanceStatus,
  type GovernanceFinding,
} from './governance.ts'

const findings = (...kinds: readonly GovernanceFinding['kind'][]): readonly GovernanceFinding[] =>
  kinds.map((kind, i) => {
    const check = governanceChecks[i]!
    return kind === 'skipped' ? { kind, check, reason: 'planned', untilUs: 1 } : { kind, check }
  })

describe('governance', () => {
  it.each([
    [
      'compliant with five of five',
      findings('passed', 'passed', 'passed', 'passed', 'passed'),
      'compliant',
    ],
    [
      'partial with three of five',
      findings('passed', 'passed', 'passed', 'failed', 'failed'),
      'partial',
    ],
    [
      'non-compliant with two of five',
      findings('passed', 'passed', 'failed', 'failed', 'failed'),
      'non_compliant',
    ],
    [
      'compliant where what is missing is skipped',
      findings('passed', 'skipped', 'passed', 'passed', 'passed'),
      'compliant',
    ],
    [
      'non-compliant where skipping leaves two of three',
      findings('passed', 'passed', 'failed', 'skipped', 'skipped'),
      'non_compliant',
    ],
    [
      'compliant where everything is skipped',
      findings('skipped', 'skipped', 'skipped', 'skipped', 'skipped'),
      'compliant',
    ],
  ] as const)('is %s', (_, given, status) => {
    expect(governanceStatus(given)).toBe(status)
  })

  it('says what is missing', () => {
    expect(governanceMessage('checkout', 'runbook')).toBe('checkout missing operational runbook')
  })
})
