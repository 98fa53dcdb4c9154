import type { PlannedSilence } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { expiry, silence } from '../testing/facts.ts'
import {
  activeSilences,
  applySilence,
  createdInstructionsMax,
  createdSilencesMax,
  expireSilence,
  noCreatedSilences,
  plannedSilences,
  restoredSilences,
  savedSilences,
  silencedBy,
  type CreatedSilences,
} from './silences.ts'

const none = plannedSilences({ silences: [], maintenance: [] })
const labels = new Map([['service', 'api']])
const made = (facts: readonly ReturnType<typeof silence>[], windowEndUs = 10): CreatedSilences =>
  facts.reduce((all, fact) => applySilence(all, fact, windowEndUs), noCreatedSilences)
const hidden = (created: CreatedSilences, windowEndUs: number, planned = none): readonly string[] =>
  silencedBy(activeSilences(planned, created, windowEndUs, null).silences, labels)

describe('silences', () => {
  it('hold at window ends from their beginning to before their end', () => {
    const created = made([silence(1, 'service=api', 20, 40)])
    const ids = [10, 20, 30, 39, 40].map((endUs) => hidden(created, endUs).length)
    expect(ids).toEqual([0, 1, 1, 1, 0])
  })

  it('are given by id, sorted, each once, planned and created ones together', () => {
    const planned: PlannedSilence = {
      ...{ id: silence(2, '', 0, 1).id, note: null, fromUs: 0, toUs: 100 },
      matchers: [{ label: 'service', operator: '=', value: 'api' }],
    }
    const all = plannedSilences({ silences: [{ ...planned, id: 'z' }, planned], maintenance: [] })
    const facts = [3, 1, 2].map((n) => silence(n, 'service=api', 0, 100))
    expect(hidden(made(facts), 50, all)).toEqual([
      ...[1, 2, 3].map((n) => silence(n, '', 0, 1).id),
      'z',
    ])
  })

  it('are taken once, and not revived by their fact once they have expired', () => {
    const fact = silence(1, 'service=api', 0, 100)
    const expired = expireSilence(made([fact, fact]), expiry(9, fact.id), 10)
    expect(made([fact, fact]).created).toHaveLength(1)
    expect(hidden(expired, 50)).toEqual([])
    expect(hidden(applySilence(expired, fact, 20), 50)).toEqual([])
  })

  it('hide nothing where their end stands before them, as when a publication is completed later', () => {
    const fact = silence(1, 'service=api', 0, 100)
    const ended = expireSilence(noCreatedSilences, expiry(9, fact.id), 10)
    expect(hidden(applySilence(ended, fact, 20), 50)).toEqual([])
    // For a day: an id is not remembered for ever.
    const dayUs = 86_400_000_000
    const later = { ...fact, toUs: 2 * dayUs }
    expect(hidden(applySilence(ended, later, dayUs + 10), dayUs + 20)).toEqual([fact.id])
  })

  it('take no room for more when silences end that nobody made', () => {
    const ids = Array.from({ length: createdSilencesMax + 5 }, (_, n) => silence(n, '', 0, 1).id)
    const ended = ids.reduce((all, id) => expireSilence(all, expiry(9, id), 10), noCreatedSilences)
    expect(ended.created).toHaveLength(createdSilencesMax)
    const fact = silence(5000, 'service=api', 0, 100)
    expect(hidden(applySilence(ended, fact, 10), 50)).toEqual([fact.id])
  })

  it('are forgotten when they are over', () => {
    const created = made([silence(1, 'service=api', 0, 30)])
    expect(applySilence(created, silence(2, 'service=api', 0, 90), 30).created).toHaveLength(1)
    expect(made([silence(1, 'service=api', 0, 10)]).created).toEqual([])
  })

  it('are refused, and counted, where they are too many or no matchers', () => {
    const many = Array.from({ length: createdSilencesMax }, (_, n) => silence(n, 'a=b', 0, 100))
    const full = made(many)
    expect(full).toMatchObject({ refused: 0 })
    const more = applySilence(full, silence(5000, 'service=api', 0, 100), 10)
    expect([more.created.length, more.refused]).toEqual([createdSilencesMax, 1])
    expect(hidden(more, 50)).toEqual([])
    expect(made([silence(1, 'service', 0, 100)])).toEqual({ created: [], refused: 1 })
  })

  it('make room by expired ones', () => {
    const many = Array.from({ length: createdSilencesMax }, (_, n) => silence(n, 'a=b', 0, 100))
    const expired = expireSilence(made(many), expiry(9000, many[7]!.id), 10)
    const after = applySilence(expired, silence(5000, 'service=api', 0, 100), 10)
    expect([after.created.length, after.refused]).toEqual([createdSilencesMax, 0])
    expect(after.created.some(({ id }) => id === many[7]!.id)).toBe(false)
  })

  it('are refused where their patterns together are too large', () => {
    const large = Array.from({ length: 60 }, (_, n) =>
      silence(n, 'a=~"b{1000}(c{1000}){8}"', 0, 100),
    )
    const { created, refused } = made(large)
    expect(created.reduce((sum, { instructions }) => sum + instructions, 0)).toBeLessThanOrEqual(
      createdInstructionsMax,
    )
    expect(created.length + refused).toBe(60)
    expect(refused).toBeGreaterThan(0)
  })

  it('come back from a snapshot', () => {
    const facts = [silence(1, 'service=api', 0, 100), silence(2, 'service=~"a.*"', 0, 100, true)]
    const created = expireSilence(made([...facts, silence(3, 'nothing', 0, 9)]), expiry(9, 'x'), 10)
    const restored = restoredSilences(JSON.parse(JSON.stringify(savedSilences(created))))
    expect(savedSilences(restored)).toEqual(savedSilences(created))
    expect(hidden(restored, 50)).toEqual([facts[0]!.id])
    const { maintenance } = activeSilences(none, restored, 50, null)
    expect(silencedBy(maintenance, labels)).toEqual([facts[1]!.id])
  })

  it('are the same object while they stay the same', () => {
    const created = made([silence(1, 'service=api', 20, 40)])
    const before = activeSilences(none, created, 20, null)
    expect(activeSilences(none, created, 30, before)).toBe(before)
    expect(activeSilences(none, created, 40, before)).not.toBe(before)
  })
})
