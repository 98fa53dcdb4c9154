import type { ConfigurationActivated, Id, Layout } from '@tidemark/model'

/** Which configurations are in force from which window on, as the facts of a partition say. */
export type Activations = {
  /** Ascending: each holds until the next one's start. */
  readonly ahead: readonly Activation[]
  /** Ids of the latest facts, so that one that comes again changes nothing; the newest last. */
  readonly seen: readonly string[]
}

export type Activation = {
  readonly configurationId: Id
  /** Start of the first window that it may be in force for. */
  readonly fromUs: number
}

/** A fact with the clock of its partition. */
export type ActivationFact = { readonly clockMs: number; readonly fact: ConfigurationActivated }

export const noActivations: Activations = { ahead: [], seen: [] }

/** Configurations that wait for their window; of more, the last but one gives way. */
const aheadMax = 100
/** Facts by which a repeat is known. */
const seenMax = 1000

/** Start of the first window at or after both the fact's clock and what it asks for. */
export const activationStartUs = (
  { clockMs, fact }: ActivationFact,
  { windowUs }: Pick<Layout, 'windowUs'>,
): number => Math.ceil(Math.max(clockMs * 1000, fact.effectiveFromUs) / windowUs) * windowUs

/** With one more, which takes the place of those that begin when it does, or later. */
export const activated = (
  { ahead, seen }: Activations,
  given: ActivationFact,
  layout: Pick<Layout, 'windowUs'>,
): Activations => {
  const { id, configurationId } = given.fact
  if (seen.includes(id)) return { ahead, seen }
  const fromUs = activationStartUs(given, layout)
  const kept = ahead.filter((activation) => activation.fromUs < fromUs).slice(0, aheadMax - 1)
  return {
    ahead: [...kept, { configurationId, fromUs }],
    seen: [...seen, id].slice(-seenMax),
  }
}

/** The configuration that these put in force for a window, and what is left of them for later ones; null: they change nothing there. */
export const inForce = (
  { ahead, seen }: Activations,
  windowStartUs: number,
): { readonly configurationId: Id | null; readonly rest: Activations } => ({
  configurationId: ahead.findLast(({ fromUs }) => fromUs <= windowStartUs)?.configurationId ?? null,
  rest: { ahead: ahead.filter(({ fromUs }) => fromUs > windowStartUs), seen },
})
