import {
  defaultBurnWindows,
  defaultConfiguration,
  defaultLayout,
  defaultRuleFields,
  type Rule,
  type Slo,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { objectiveIdOf, objectivesOf, prepareObjectives, slosPerServiceMax } from './objectives.ts'

const slo = (id: string, service: string | null, changes: Partial<Slo> = {}): Slo => ({
  ...{ id, service, targetPpm: 995_000, period: { kind: 'rolling', days: 30 } },
  indicator: { kind: 'availability', badStatuses: null },
  ...changes,
})
const burnRule = (
  id: string,
  slos: readonly string[] | null,
  windows = defaultBurnWindows,
): Rule => ({
  ...defaultRuleFields,
  ...{ kind: 'burn-rate', id, slos, windows },
})
const prepared = (slos: readonly Slo[], rules: readonly Rule[] = []) =>
  prepareObjectives({ slos, rules }, defaultLayout.histogram)
const idsOf = (of: ReturnType<typeof prepared>, service: string) =>
  objectivesOf(of, service).map(({ slo: { id, service: owner } }) => `${id} ${owner}`)

describe('the objectives of a service', () => {
  it('are 99.5 % available, 95 % under 500 ms, and 95 % of jobs under 10 s by default', () => {
    const [availability, latency, jobs] = objectivesOf(
      prepareObjectives(defaultConfiguration, defaultLayout.histogram),
      'checkout',
    ).map((objective) => objective.slo)
    expect(availability).toMatchObject({ targetPpm: 995_000, indicator: { badStatuses: null } })
    expect(latency).toMatchObject({ targetPpm: 950_000, indicator: { thresholdUs: 500_000 } })
    expect(jobs).toMatchObject({
      targetPpm: 950_000,
      indicator: { operations: 'job:*', thresholdUs: 10_000_000 },
    })
  })

  it('are the common ones, with its own in place of those of the same id', () => {
    const of = prepared([
      slo('a', null),
      slo('b', 'x'),
      slo('b', null),
      slo('c', 'y'),
      slo('a', 'x'),
    ])
    expect(idsOf(of, 'x')).toEqual(['b x', 'a x'])
    expect(idsOf(of, 'y')).toEqual(['a null', 'b null', 'c y'])
    expect(idsOf(of, 'z')).toEqual(['a null', 'b null'])
  })

  it('are 50 at most', () => {
    const many = Array.from({ length: 60 }, (_, n) => slo(`${n}`, n % 2 === 0 ? null : 'x'))
    expect(idsOf(prepared(many), 'x')).toHaveLength(slosPerServiceMax)
    expect(
      idsOf(prepared([...many, ...many.map((one) => ({ ...one, service: null }))]), 'z'),
    ).toHaveLength(slosPerServiceMax)
  })

  it('burn over the pairs of windows of every rule that looks at them, each once', () => {
    const [first, second, third] = defaultBurnWindows
    const of = prepared(
      [slo('a', null), slo('b', null), slo('c', null)],
      [
        burnRule('one', ['a'], [first!, second!]),
        burnRule('two', ['a', 'b'], [second!, { ...second!, budgetPpm: 60_000 }]),
        burnRule('three', ['b'], [third!]),
      ],
    )
    const [a, b, c] = objectivesOf(of, 'x').map(({ pairs }) => pairs)
    expect(a).toEqual([first, second, { ...second!, budgetPpm: 60_000 }])
    expect(b).toEqual([second, { ...second!, budgetPpm: 60_000 }, third])
    expect(c).toEqual(defaultBurnWindows)
  })

  it('have another identity when another thing is counted, and the same with another target', () => {
    const idOf = (changes: Partial<Slo>, service = 'x') =>
      objectiveIdOf(slo('a', null, changes), service)
    expect(idOf({ targetPpm: 999_000 })).toBe(idOf({}))
    expect(idOf({ id: 'b', service: 'x' })).toBe(idOf({}))
    expect(idOf({ period: { kind: 'rolling', days: 28 } })).not.toBe(idOf({}))
    expect(idOf({ indicator: { kind: 'latency', thresholdUs: 1 } })).not.toBe(
      idOf({ indicator: { kind: 'latency', thresholdUs: 2 } }),
    )
    expect(idOf({}, 'y')).not.toBe(idOf({}))
  })
})
