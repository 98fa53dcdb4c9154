import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decimalUnits, minorOfUnits } from './decimal-sum.ts'
import { readFocus, type BadRow } from './focus-file.ts'
import type { FocusOptions } from './focus.ts'

const header =
  'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName,Tags'
const options: FocusOptions = {
  column: 'billed',
  serviceColumn: 'ServiceName',
  services: new Map([['Amazon "EC2", compute', 'checkout']]),
}

async function* bytesOf(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}

const read = async (text: string, changes: Partial<FocusOptions> = {}) => {
  const refused: BadRow[] = []
  const file = await readFocus(
    bytesOf(text),
    { ...options, ...changes },
    (row) => void refused.push(row),
  )
  return { ...file, refused }
}

const row = (
  cost: string,
  more: Partial<Record<'effective' | 'currency' | 'start' | 'end' | 'service', string>> = {},
) =>
  [
    ...[cost, more.effective ?? '1', more.currency ?? 'EUR'],
    ...[more.start ?? '2026-11-01T00:00:00Z', more.end ?? '2026-11-02T00:00:00Z'],
    ...[more.service ?? 'search', '{}'],
  ].join(',')

const novemberUs = 1_793_491_200_000_000
const dayUs = 86_400_000_000

describe('costs in FOCUS columns', () => {
  it('are summed per service, month and currency, exactly', async () => {
    const text = [
      ...[header, row('0.1'), row('0.2'), row('0.005'), row('-1e-2')],
      row('1.005', { currency: 'JPY' }),
      row('3', { start: '2026-11-30T23:00:00Z', end: '2026-12-01T00:00:00Z' }),
      row('7', { start: '2026-12-01T00:00:00Z', end: '2026-12-01T01:00:00Z' }),
      row('5', { service: '"Amazon ""EC2"", compute"' }),
    ].join('\r\n')
    const { costs, rows, bad } = await read(text)
    expect({ rows, bad }).toEqual({ rows: 8, bad: 0 })
    const november = { monthStartUs: novemberUs, throughUs: novemberUs + 30 * dayUs }
    expect(costs).toEqual([
      { service: 'checkout', ...november, currency: 'EUR', amountMinor: 500 },
      // 0.1 + 0.2 + 0.005 - 0.01 + 3 = 3.295: halves away from zero.
      { service: 'search', ...november, currency: 'EUR', amountMinor: 330 },
      { service: 'search', ...november, currency: 'JPY', amountMinor: 1 },
      {
        ...{ service: 'search', monthStartUs: novemberUs + 30 * dayUs, currency: 'EUR' },
        ...{ throughUs: novemberUs + 30 * dayUs + dayUs / 24, amountMinor: 700 },
      },
    ])
  })

  it('are the effective ones, and by another column, where asked for', async () => {
    const text = [`${header},Team`, `${row('1', { effective: '2.5' })},shop`].join('\n')
    const { costs } = await read(text, { column: 'effective', serviceColumn: 'Team' })
    expect(costs).toMatchObject([{ service: 'shop', amountMinor: 250 }])
  })

  it('belong to the month that their period begins in', async () => {
    const { costs } = await read(`${header}\n${row('12', { end: '2027-11-01T00:00:00Z' })}`)
    expect(costs).toMatchObject([{ monthStartUs: novemberUs, throughUs: novemberUs + 30 * dayUs }])
  })

  it('name what is wrong by its line, and go on', async () => {
    const text = [
      ...['\ufeff' + header, row('x'), row('1'), row('1', { currency: 'euro' })],
      ...['"a field', 'of two lines",1,EUR,,,search,'],
      ...[row('1', { end: '2026-11-01T00:00:00Z' }), row('1', { service: 'Amazon S3' })],
      ...[
        '1,2',
        `1e99${row('').slice(0)}`,
        row('0.' + '1'.repeat(31)),
        row('1', { start: '2026-11-01' }),
      ],
      row('1', { start: '2026-11-01 00:00:00Z' }),
    ].join('\n')
    const { refused, rows, bad } = await read(text)
    expect({ rows, bad }).toEqual({ rows: 2, bad: 9 })
    expect(refused).toEqual([
      { line: 2, reason: 'BilledCost: "x" is no number' },
      { line: 4, reason: 'BillingCurrency: "euro" is no currency of ISO 4217, like EUR or USD' },
      { line: 6, reason: 'BilledCost: "a field\\nof two lines" is no number' },
      { line: 7, reason: 'ChargePeriodEnd: 2026-11-01T00:00:00Z is not after its start' },
      { line: 8, reason: 'ServiceName: "Amazon S3" is no service of ours; say which with --map' },
      { line: 9, reason: 'BillingCurrency: "" is no currency of ISO 4217, like EUR or USD' },
      { line: 10, reason: 'BilledCost: "1e99" has more than 40 digits' },
      { line: 11, reason: expect.stringContaining('has more than 30 decimals') },
      { line: 12, reason: 'ChargePeriodStart: "2026-11-01" is not ISO 8601 with Z or an offset' },
    ])
  })

  it('need a header with their columns', async () => {
    await expect(read('a,b\n1,2')).rejects.toThrow(
      'the header lacks BilledCost, BillingCurrency, ChargePeriodStart, ChargePeriodEnd, ServiceName; it has a, b',
    )
    await expect(read('')).rejects.toThrow('no rows under a header')
    await expect(read(header)).rejects.toThrow('no rows under a header')
  })

  it('say which quotes do not close', async () => {
    const { refused } = await read(`${header}\n${row('1')}\n"1,2`)
    expect(refused).toMatchObject([{ line: 3, reason: expect.stringMatching(/quote/i) }])
  })

  it('never throw anything else, whatever the bytes', async () => {
    const cell = fc.oneof(
      fc.constantFrom(
        '1',
        '-0.01',
        'EUR',
        '2026-11-01T00:00:00Z',
        '2026-12-01T00:00:00Z',
        'search',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('"', '""', ',', '\r', '\n', '"a,b"'),
    )
    const lines = fc.array(
      fc.array(cell, { maxLength: 8 }).map((cells) => cells.join(',')),
      { maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (rows, hasHeader) => {
        const text = [...(hasHeader ? [header] : []), ...rows].join('\n')
        const outcome = await read(text).catch((error: unknown) => error)
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'usage' })
        else
          for (const { line } of (outcome as { refused: BadRow[] }).refused)
            expect(line).toBeGreaterThan(0)
      }),
      { numRuns: 300, seed: 7 },
    )
  })

  it('are the same from any pieces of the file', async () => {
    const text = `${header}\n${row('0.1')}\n${row('1', { service: '"Amazon ""EC2"", compute"' })}\n`
    const whole = await read(text)
    for (let at = 1; at < text.length; at += 7) {
      const file = await readFocus(
        bytesOf(text.slice(0, at), text.slice(at)),
        options,
        () => undefined,
      )
      expect(file.costs).toEqual(whole.costs)
    }
  })
})

describe('a decimal', () => {
  it('agrees with exact rationals', () => {
    const number = fc.tuple(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.integer({ min: 0, max: 12 }),
    )
    fc.assert(
      fc.property(fc.array(number, { maxLength: 20 }), (numbers) => {
        const total = numbers.reduce((sum, [whole, exponent]) => {
          const units = decimalUnits(`${whole}e-${exponent}`)
          return sum + (units.ok ? units.units : 0n)
        }, 0n)
        const exact = numbers.reduce((sum, [whole, e]) => sum + whole * 10n ** BigInt(30 - e), 0n)
        expect(total).toBe(exact)
      }),
    )
  })

  it.each([
    ['0.005', 2, 1],
    ['-0.005', 2, -1],
    ['0.004999999', 2, 0],
    ['-0.004', 2, 0],
    ['1.5', 0, 2],
    ['.5', 1, 5],
    ['12.', 0, 12],
    ['+1E2', 2, 10_000],
  ])('%s is rounded to minor units of %d digits: %d', (text, digits, minor) => {
    const units = decimalUnits(text)
    expect(units.ok && minorOfUnits(units.units, digits)).toBe(minor)
  })

  it('above what can be counted exactly is none', () => {
    const units = decimalUnits('90071992547409.92')
    expect(units.ok && minorOfUnits(units.units, 2)).toBeNull()
  })
})
