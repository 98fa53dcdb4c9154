import type { Configuration, Matcher } from '@tidemark/model'
import type { AppliedFact } from './aggregates.ts'
import { byText } from './lists.ts'
import { areMatched, matchersIn, type Labels } from './matching.ts'

type Silence = {
  readonly id: string
  readonly matchers: readonly Matcher[]
  readonly fromUs: number
  readonly toUs: number
}

/** Silences, or maintenance, whose interval holds a window's end: of the configuration, and of facts that nobody has ended. */
export type Silences = {
  readonly alerts: readonly Silence[]
  readonly services: readonly Silence[]
}

export const silencesAt = (
  endUs: number,
  facts: readonly AppliedFact[],
  { silences, maintenance }: Configuration,
): Silences => {
  const ended = facts.flatMap(({ fact }) =>
    fact.type === 'SilenceExpired' ? [fact.silenceId] : [],
  )
  const made = new Map<string, Silence & { readonly maintenance: boolean }>()
  for (const { fact } of facts)
    if (fact.type === 'SilenceCreated' && !ended.includes(fact.id) && !made.has(fact.id))
      made.set(fact.id, { ...fact, matchers: matchersIn(fact.matchers) })
  const holds = ({ fromUs, toUs }: Silence): boolean => fromUs <= endUs && endUs < toUs
  const all = [...made.values()]
  return {
    alerts: [...silences, ...all.filter((each) => !each.maintenance)].filter(holds),
    services: [...maintenance, ...all.filter((each) => each.maintenance)].filter(holds),
  }
}

/** Ids of those that match, sorted, each once. */
export const idsOf = (silences: readonly Silence[], labels: Labels): readonly string[] =>
  [
    ...new Set(silences.filter(({ matchers }) => areMatched(matchers, labels)).map(({ id }) => id)),
  ].sort(byText)
