import { describe, expect, it } from '@jest/globals'
import type { CostRecorded, Fact, GovernanceEvidence, SilenceCreated } from '@tidemark/model'
import { decode, encode, EncodeError } from './codec.ts'

const fields = { id: '07070707-0707-4707-8707-070707070707', atUs: 1, by: null, note: null }
const novemberUs = Date.UTC(2026, 10, 1) * 1000
const decemberUs = Date.UTC(2026, 11, 1) * 1000

const silence: SilenceCreated = {
  ...{ type: 'SilenceCreated', ...fields, matchers: 'service="checkout"' },
  ...{ fromUs: 1, toUs: 2, maintenance: false },
}
const cost: CostRecorded = {
  ...{ type: 'CostRecorded', ...fields, service: 'checkout', monthStartUs: novemberUs },
  ...{ throughUs: decemberUs, currency: 'EUR', amountMinor: -12 },
}
const evidence: GovernanceEvidence = {
  ...{ type: 'GovernanceEvidence', ...fields, service: 'checkout', check: 'runbook' },
  ...{ result: 'skipped', note: 'being written', untilUs: 5 },
}

describe('facts', () => {
  it.each<Fact>([silence, cost, evidence])('of $type are taken at their limits', (fact) => {
    expect(decode(encode(fact))).toEqual({ ok: true, event: fact })
  })

  it.each<readonly [fact: Fact, message: string]>([
    [{ ...silence, toUs: 1 }, 'SilenceCreated.toUs: 1 is not after fromUs 1'],
    [
      { ...cost, monthStartUs: novemberUs + 86_400_000_000 },
      `CostRecorded.monthStartUs: ${novemberUs + 86_400_000_000} is not the start of a calendar month (UTC)`,
    ],
    [
      { ...cost, throughUs: decemberUs + 1 },
      `CostRecorded.throughUs: ${decemberUs + 1} is not in the month, ${novemberUs} to ${decemberUs}`,
    ],
    [
      { ...cost, currency: 'euro' },
      'CostRecorded.currency: "euro" is not three capital letters, as ISO 4217 has them',
    ],
    [
      { ...evidence, untilUs: null },
      'GovernanceEvidence.untilUs: missing; a skipped check says until when',
    ],
    [{ ...evidence, note: null }, 'GovernanceEvidence.note: missing; a skipped check says why'],
  ])('that make no sense are refused: %#', (fact, message) => {
    expect(() => encode(fact)).toThrow(new EncodeError(message))
  })
})
