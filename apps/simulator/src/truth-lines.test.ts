import { describe, expect, it } from '@jest/globals'
import { live, trafficOf, truthOf } from '@tidemark/traffic'
import fc from 'fast-check'
import { truthLines } from './lines.ts'
import { readTruth } from './truth-lines.ts'

const line = (more: object): string =>
  JSON.stringify({
    ...{ service: 'checkout', fault: 'database', detect: 'page' },
    ...{ from: '2026-11-21T03:00:00Z', to: '2026-11-21T03:05:00Z' },
    ...more,
  })

describe('readTruth', () => {
  it('reads back what the simulator writes', () => {
    const traffic = trafficOf(live({ durationUs: 40_000_000_000 }))
    const reading = readTruth([...truthLines(traffic)].join(''))
    expect(reading).toEqual({ ok: true, truth: [...traffic.faults()].map(truthOf) })
  })

  it('reads what somebody writes who knows: any fault, other zones, more keys, empty lines', () => {
    const lines = [line({}), '', line({ detect: null, from: '2026-11-21T04:01+01:00', by: 'ada' })]
    const minute = 60_000_000
    const fromUs = 1_795_230_000_000_000
    expect(readTruth(lines.join('\n'))).toEqual({
      ok: true,
      truth: [
        {
          service: 'checkout',
          fault: 'database',
          fromUs,
          toUs: fromUs + 5 * minute,
          detect: 'page',
        },
        {
          ...{ service: 'checkout', fault: 'database', detect: null },
          ...{ fromUs: fromUs + minute, toUs: fromUs + 5 * minute },
        },
      ],
    })
  })

  it('is empty where nothing was wrong', () => {
    expect(readTruth('')).toEqual({ ok: true, truth: [] })
  })

  it('says of every line what is wrong with it', () => {
    const lines = [
      line({}),
      'no json',
      line({ detect: 'loud', to: 'later' }),
      line({ to: '2026-11-21T03:00:00Z' }),
      '{"service":"a b"}',
    ]
    expect(readTruth(lines.join('\n'))).toEqual({
      ok: false,
      faults: [
        { line: 2, message: expect.stringMatching(/mapping/) },
        {
          line: 3,
          message: expect.stringMatching(
            /^detect: "loud" is not one of.*; to: "later" is not a time/,
          ),
        },
        { line: 4, message: 'to: not after its begin' },
        { line: 5, message: expect.stringMatching(/^detect: missing.*; service: .*a b/) },
      ],
    })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (track) => {
        const reading = readTruth(track)
        if (!reading.ok) expect(reading.faults.length).toBeGreaterThan(0)
      }),
    )
  })

  it('refuses more lines than it holds', () => {
    expect(readTruth('\n'.repeat(100_001))).toEqual({
      ok: false,
      faults: [{ line: 100_001, message: 'more than 100000 lines' }],
    })
  })
})
