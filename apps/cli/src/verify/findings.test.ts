import { describe, expect, it } from '@jest/globals'
import type { Unchecked } from '@tidemark/assembly'
import type { Offset } from '@tidemark/model'
import { remainingText } from './remaining.ts'
import { uncheckedText } from './unchecked-text.ts'

describe('what verify says', () => {
  it('tells how far it is and how long it will take, once that can be told', () => {
    expect(remainingText(0, 4800, 100)).toBe('0 of 4,800 input records, 0 %')
    expect(remainingText(0, 0, 5000)).toBe('0 of 0 input records, 100 %, 0 s left')
    expect(remainingText(1200, 4800, 500)).toBe('1,200 of 4,800 input records, 25 %')
    expect(remainingText(1200, 4800, 20_000)).toBe('1,200 of 4,800 input records, 25 %, 60 s left')
    expect(remainingText(1, 400, 60_000)).toBe('1 of 400 input records, 0 %, 7 h left')
  })

  it('tells plainly what it could not check, and why', () => {
    const place = { topic: 'requests', partition: 1 } as const
    const texts = (
      [
        {
          kind: 'inputs-removed',
          ...place,
          startOffset: 7 as Offset,
          fromUs: 1_767_225_600_000_000,
        },
        { kind: 'inputs-removed', ...place, startOffset: 7 as Offset, fromUs: Infinity },
        { kind: 'incomplete', ...place, fromUs: 1_767_225_600_000_000 },
        { kind: 'ledger', ...place },
        { kind: 'tail', ...place, position: 5 as Offset, endOffset: 9 as Offset },
        { kind: 'judgements', partition: 1, fromUs: null },
        { kind: 'reports', fromUs: 1_767_225_610_000_000 },
        { kind: 'outputs-removed', topic: 'fleet', records: 1 },
        { kind: 'compacted', topic: 'assessments', records: 2 },
        { kind: 'repeats', topic: 'alerts', records: 3 },
      ] satisfies Unchecked[]
    ).map(uncheckedText)
    expect(texts).toEqual([
      'requests/1: inputs below offset 7 are no longer retained; what they caused is compared from where the stream clock stands at 2026-01-01T00:00:00Z',
      'requests/1: inputs below offset 7 are no longer retained; what they caused is compared not at all',
      'requests/1: windows that lost records left incomplete; what follows them is compared from where the stream clock stands at 2026-01-01T00:00:00Z',
      'requests/1: begun in the middle, so ledgers are compared by difference',
      'requests/1: inputs from offset 5 to 9 were not yet processed',
      'partition 1: no earlier state of the evaluator is left to begin at; health, alerts and slices are compared not at all',
      'platform reports, which need every partition: compared for windows that end after 2026-01-01T00:00:10Z',
      'fleet: 1 record that retention has removed',
      'assessments: 2 records that compaction has removed, or may have',
      'alerts: the bytes of 3 repeats far behind the first',
    ])
  })
})
