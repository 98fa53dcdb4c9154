import { describe, expect, it } from '@jest/globals'
import { asOfUs, sloOf } from '../testing/shop-report.ts'
import { hourUs, type SloFigures } from './slo-figures.ts'
import { sloFiguresJson, sloText } from './slo-view.ts'

const ratio = (part: number, whole: number) => ({ part: BigInt(part), whole: BigInt(whole) })

const checkout: SloFigures = {
  service: 'checkout',
  asOfUs,
  state: sloOf('availability', { counts: { valid: 120_000, bad: 400 }, burning: 'page' }),
  burns: [
    {
      ...{ severity: 'page', longUs: hourUs, shortUs: hourUs / 12, isBurning: true },
      ...{ long: ratio(144, 10), short: ratio(2053, 100) },
    },
    {
      ...{ severity: 'warning', longUs: 24 * hourUs, shortUs: 2 * hourUs, isBurning: null },
      ...{ long: ratio(1, 2), short: null },
    },
  ],
  lastDay: { valid: 4000, bad: 20 },
  burnedPerDay: ratio(20, 600),
  lastsUs: 10 * 24 * hourUs,
  hours: [
    ...[
      { valid: 0, bad: 0 },
      { valid: 100, bad: 0 },
      { valid: 1000, bad: 1 },
    ],
    ...[
      { valid: 1000, bad: 5 },
      { valid: 1000, bad: 40 },
    ],
  ],
}
const idle: SloFigures = {
  ...checkout,
  service: 'idle',
  state: sloOf('latency', { counts: { valid: 0, bad: 0 }, targetPpm: 950_000 }),
  burns: [],
  lastDay: { valid: 0, bad: 0 },
  burnedPerDay: null,
  lastsUs: null,
  hours: checkout.hours.map(() => ({ valid: 0, bad: 0 })),
}
const spent: SloFigures = {
  ...checkout,
  service: 'spent',
  state: sloOf('availability', { counts: { valid: 1000, bad: 50 } }),
  burns: [],
  burnedPerDay: ratio(0, 1),
  lastsUs: 0,
}
const calm = { ...spent, service: 'calm', state: sloOf('availability'), lastsUs: null }

describe('sloText', () => {
  it('is a table with the burn of every pair and a sparkline', () => {
    expect(sloText([checkout, idle, spent, calm], { width: 200, unicode: true })).toBe(`\
3 of 4 objectives have events; 1 missed
SERVICE   OBJECTIVE     TARGET  COMPLIANCE     LEFT  A DAY  LASTS         1h/5m  24h/2h  BURNS  LAST HOURS
checkout  availability   99.5%     99.666%    33.3%  -3.3%    10d  14.4x/20.5x!  0.5x/-  page    ▁▂▂█
idle      latency          95%           -        -      -      -             -       -  -
spent     availability   99.5%     95.000%  -900.0%   0.0%  spent             -       -  -       ▁▂▂█
calm      availability   99.5%     99.750%    50.0%   0.0%   long             -       -  -       ▁▂▂█
`)
  })

  it('draws with plain characters where there are no others', () => {
    const [, , line] = sloText([checkout], { width: 200, unicode: false }).split('\n')
    expect(line!.endsWith('page    _..@')).toBe(true)
  })

  it('leaves out what does not fit', () => {
    const lines = sloText([checkout, idle], { width: 80, unicode: true }).split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines[1]).not.toContain('1h/5m')
  })

  it('says that there are none', () => {
    expect(sloText([], { width: 80, unicode: true })).toContain('No objectives')
  })
})

describe('sloFiguresJson', () => {
  it('is integers and ISO times', () => {
    expect(sloFiguresJson(checkout)).toEqual({
      service: 'checkout',
      asOf: '2026-11-21T03:01:00Z',
      slo: 'availability',
      objectiveId: checkout.state.objectiveId,
      targetPpm: 995_000,
      from: '2026-10-22T03:01:00Z',
      ...{ valid: 120_000, bad: 400, compliancePpm: 996_666, met: true },
      budgetRemainingPpm: 333_333,
      hour: { valid: 400, bad: 1 },
      burning: 'page',
      lastDay: { valid: 4000, bad: 20 },
      budgetBurnedPerDayPpm: 33_333,
      exhaustedInUs: 864_000_000_000,
      burns: [
        {
          ...{ severity: 'page', longUs: 3_600_000_000, shortUs: 300_000_000 },
          ...{ longMilli: 14_400, shortMilli: 20_530, isBurning: true },
        },
        {
          ...{ severity: 'warning', longUs: 86_400_000_000, shortUs: 7_200_000_000 },
          ...{ longMilli: 500, shortMilli: null, isBurning: null },
        },
      ],
      hours: [
        { start: '2026-11-20T23:00:00Z', valid: 0, bad: 0 },
        { start: '2026-11-21T00:00:00Z', valid: 100, bad: 0 },
        { start: '2026-11-21T01:00:00Z', valid: 1000, bad: 1 },
        { start: '2026-11-21T02:00:00Z', valid: 1000, bad: 5 },
        { start: '2026-11-21T03:00:00Z', valid: 1000, bad: 40 },
      ],
    })
    expect(sloFiguresJson(idle)).toMatchObject({
      ...{ compliancePpm: null, budgetBurnedPerDayPpm: null, exhaustedInUs: null, burns: [] },
    })
  })
})
