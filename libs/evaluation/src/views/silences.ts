import { isoOf, type FactApplied, type SilenceCreated } from '@tidemark/model'

/** A silence as facts tell it. */
export type Silence = Pick<
  SilenceCreated,
  'id' | 'matchers' | 'fromUs' | 'toUs' | 'maintenance' | 'by' | 'note'
> & {
  readonly createdUs: number
  /** Somebody ended it before its time. */
  readonly expired: { readonly atUs: number; readonly by: string | null } | null
}

export type SilenceState = 'pending' | 'active' | 'over'

/** From facts in their order, in which control facts may come once for each partition; by creation, newest last. */
export const silencesOf = (facts: readonly FactApplied[]): readonly Silence[] => {
  const silences = new Map<string, Silence>()
  for (const { fact } of facts)
    if (fact.type === 'SilenceCreated' && !silences.has(fact.id))
      silences.set(fact.id, {
        id: fact.id,
        matchers: fact.matchers,
        fromUs: fact.fromUs,
        toUs: fact.toUs,
        maintenance: fact.maintenance,
        by: fact.by,
        note: fact.note,
        createdUs: fact.atUs,
        expired: null,
      })
  // Behind all creations: an end may have been read before its beginning in another partition.
  for (const { fact } of facts) {
    const known = fact.type === 'SilenceExpired' ? silences.get(fact.silenceId) : undefined
    if (known !== undefined && (known.expired === null || fact.atUs < known.expired.atUs))
      silences.set(known.id, { ...known, expired: { atUs: fact.atUs, by: fact.by } })
  }
  return [...silences.values()]
}

export const silenceState = ({ fromUs, toUs, expired }: Silence, nowUs: number): SilenceState => {
  if (nowUs >= toUs || expired !== null) return 'over'
  return nowUs < fromUs ? 'pending' : 'active'
}

/** A silence as `tidemark silence list --json` prints it. */
export const silenceJson = (silence: Silence, nowUs: number) => ({
  id: silence.id,
  state: silenceState(silence, nowUs),
  matchers: silence.matchers,
  from: isoOf(silence.fromUs),
  to: isoOf(silence.toUs),
  maintenance: silence.maintenance,
  by: silence.by,
  note: silence.note,
  created: isoOf(silence.createdUs),
  expired: silence.expired && { at: isoOf(silence.expired.atUs), by: silence.expired.by },
})
