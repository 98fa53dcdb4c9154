import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { encode } from './codec.ts'
import { parseFactLine } from './fact-line.ts'

const nowUs = 1_795_230_000_000_000
const id = '6f1c2d3e-4b5a-4978-8695-a4b3c2d1e0f0'
const options = { nowUs, by: 'robot', drawId: () => id }
const alertId = '0123456789abcdef0123456789abcdef'

const parsed = (line: object | string) =>
  parseFactLine(typeof line === 'string' ? line : JSON.stringify(line), options)
const factOf = (line: object) => {
  const result = parsed(line)
  if (!result.ok) throw new Error(result.reason)
  return result.fact
}
const reasonOf = (line: object | string): string | null => {
  const result = parsed(line)
  return result.ok ? null : result.reason
}

const said = { id, atUs: nowUs, by: 'robot', note: null, service: 'checkout' }
const cost = {
  type: 'cost',
  service: 'checkout',
  month: '2026-11',
  currency: 'EUR',
  amount: '1234.56',
}
const deployment = { type: 'deployment', service: 'checkout', deployment: 'v42', at: nowUs }

describe('a line of a fact', () => {
  it.each<[object, object]>([
    [
      cost,
      {
        ...{ type: 'CostRecorded', ...said, currency: 'EUR', amountMinor: 123_456 },
        ...{ monthStartUs: 1_793_491_200_000_000, throughUs: nowUs },
      },
    ],
    [deployment, { type: 'DeploymentFinished', ...said, deployment: 'v42' }],
    [
      {
        type: 'incident-opened',
        service: 'checkout',
        incident: 'INC-1',
        at: nowUs,
        alert: alertId,
      },
      { type: 'IncidentOpened', ...said, incident: 'INC-1', alertId },
    ],
    [
      { type: 'incident-closed', service: 'checkout', incident: 'INC-1', at: nowUs, by: 'ada' },
      { type: 'IncidentClosed', ...said, incident: 'INC-1', by: 'ada' },
    ],
    [
      { type: 'evidence', service: 'checkout', check: 'runbook', result: 'passed', note: 'read' },
      {
        ...{ type: 'GovernanceEvidence', ...said, check: 'runbook', result: 'passed' },
        ...{ untilUs: null, note: 'read' },
      },
    ],
    [
      {
        type: 'correction',
        service: 'checkout',
        slo: 'availability',
        at: nowUs,
        valid: -5,
        bad: -5,
      },
      { type: 'BudgetCorrected', ...said, slo: 'availability', valid: -5, bad: -5 },
    ],
    [
      {
        type: 'acknowledgement',
        service: 'checkout',
        alert: alertId,
        until: '2026-11-21T04:00:00Z',
      },
      { type: 'AcknowledgementGiven', ...said, alertId, untilUs: nowUs + 3_600_000_000 },
    ],
  ])('is a fact that can be written: %j', (line, fact) => {
    expect(factOf(line)).toEqual(fact)
    expect(encode(factOf(line)).length).toBeGreaterThan(0)
  })

  it('takes amounts as they are written, exactly', () => {
    const amount = (value: string) =>
      parsed(JSON.stringify({ ...cost, amount: 'here' }).replace('"here"', value))
    expect(amount('90071992547409.91')).toMatchObject({
      fact: { amountMinor: Number.MAX_SAFE_INTEGER },
    })
    expect(amount('"-0.10"')).toMatchObject({ fact: { amountMinor: -10 } })
    expect(amount('0.105')).toMatchObject({
      reason: 'amount: 0.105: EUR has 2 digits behind the point',
    })
  })

  it('says of a month that has ended that it is known to its end, of a running one to now', () => {
    expect(factOf({ ...cost, month: '2026-10' })).toMatchObject({
      throughUs: 1_793_491_200_000_000,
    })
    expect(factOf({ ...cost, month: '2026-12' })).toMatchObject({
      ...{ monthStartUs: 1_796_083_200_000_000, throughUs: 1_796_083_200_000_000 },
    })
    expect(factOf({ ...cost, through: '2026-11-05T00:00:00Z' })).toMatchObject({
      throughUs: 1_793_836_800_000_000,
    })
  })

  it.each<[object | string, string]>([
    ['{', 'expected a key in double quotes (column 2)'],
    [
      { type: 'fact' },
      'type: "fact" is none of cost, deployment, incident-opened, incident-closed, evidence, correction, acknowledgement',
    ],
    [{ ...cost, amount: undefined }, 'amount: missing'],
    [{ ...cost, currency: 'EURO' }, 'currency: "EURO" is no currency of ISO 4217, like EUR or USD'],
    [{ ...cost, month: '2026-13' }, 'month: "2026-13" is no month like 2026-11'],
    [{ ...cost, month: 'November' }, 'month: "November" is no month like 2026-11'],
    [
      { ...cost, through: '2026-12-05T00:00:00Z' },
      'throughUs: 1796428800000000 is not in the month, 1793491200000000 to 1796083200000000',
    ],
    [{ ...cost, price: 5 }, 'unknown key "price"'],
    [
      { ...cost, service: 'check out' },
      'service: "check out" is not 1-128 characters of [A-Za-z0-9._/-]',
    ],
    [{ ...deployment, at: undefined }, 'at: missing'],
    [{ ...deployment, deployment: '' }, 'deployment: empty, where a name belongs'],
    [
      { ...deployment, at: 'yesterday' },
      'at: "yesterday" is neither ISO 8601 with Z or an offset nor whole microseconds',
    ],
    [
      { type: 'evidence', service: 'a', check: 'tests', result: 'passed' },
      'check: "tests" is none of runbook, monitoring, owner, documentation, incident_response',
    ],
    [
      { type: 'evidence', service: 'a', check: 'owner', result: 'skipped', note: 'later' },
      'untilUs: missing; a skipped check says until when',
    ],
    [
      { type: 'correction', service: 'a', slo: 'x', at: 0, valid: 0.5, bad: 0 },
      'valid: 0.5 is not an integer',
    ],
    [
      { type: 'acknowledgement', service: 'a', alert: '0123' },
      'alert: "0123" is no id of an alert, 32 hexadecimal digits',
    ],
    [{ type: 'acknowledgement', service: 'a' }, 'alert: missing'],
    [{ ...deployment, note: 'n'.repeat(2049) }, 'note: longer than 2048 bytes of UTF-8'],
  ])('is refused with the reason: %j', (line, reason) => {
    expect(reasonOf(line)).toBe(reason)
  })

  it('is a fact that can be written, or refused, whatever stands in it', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '2026-11',
        'EUR',
        'JPY',
        'runbook',
        'skipped',
        '2026-11-21T03:00:00Z',
        alertId,
        'a',
      ),
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom<object[]>([], [{}]),
    )
    const key = fc.constantFrom(
      ...[
        'id',
        'at',
        'by',
        'note',
        'service',
        'month',
        'through',
        'currency',
        'amount',
        'deployment',
      ],
      ...['incident', 'alert', 'check', 'result', 'until', 'slo', 'valid', 'bad', '__proto__'],
    )
    const type = fc.constantFrom(
      ...['cost', 'deployment', 'incident-opened', 'incident-closed', 'evidence', 'correction'],
      ...['acknowledgement', 'other'],
    )
    const line = fc
      .tuple(type, fc.array(fc.tuple(key, value)), fc.constantFrom(cost, deployment, {}))
      .map(([name, entries, whole]) =>
        JSON.stringify({ ...whole, ...Object.fromEntries(entries), type: name }),
      )
    const cut = fc.tuple(line, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)))
    fc.assert(
      fc.property(fc.oneof(line, line, cut, fc.string()), (text) => {
        const result = parseFactLine(text, options)
        if (result.ok) expect(encode(result.fact).length).toBeGreaterThan(0)
        else expect(result.reason).not.toBe('')
      }),
      { numRuns: 3000, seed: 5 },
    )
  })
})
