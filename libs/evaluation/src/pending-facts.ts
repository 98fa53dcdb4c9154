import type { ConfigurationActivated, Fact } from '@tidemark/model'
import type { Activations } from './activations.ts'
import { activated } from './activations.ts'
import { dropWhile, itemsOf, type Fifo } from './fifo.ts'

/** A fact with the clock of its partition at it: it acts on windows that start then or later. */
export type PendingFact = { readonly clockMs: number; readonly fact: Fact }

/** Facts that act on a window, in the order of their source; they stay where they are. */
export const dueFacts = (
  facts: Fifo<PendingFact>,
  windowStartUs: number,
): readonly PendingFact[] => {
  const items = itemsOf(facts)
  // Clocks do not go back.
  const end = items.findIndex((fact) => !isDue(fact, windowStartUs))
  return end === -1 ? items : items.slice(0, end)
}

export const dropDueFacts = (facts: Fifo<PendingFact>, windowStartUs: number): void => {
  dropWhile(facts, (fact) => isDue(fact, windowStartUs))
}

/** With the activations among these facts. */
export const withActivated = (
  activations: Activations,
  facts: readonly PendingFact[],
  layout: { readonly windowUs: number },
): Activations =>
  facts.reduce(
    (all, { clockMs, fact }) =>
      isActivation(fact) ? activated(all, { clockMs, fact }, layout) : all,
    activations,
  )

export const isActivation = (fact: Fact): fact is ConfigurationActivated =>
  fact.type === 'ConfigurationActivated'

const isDue = ({ clockMs }: PendingFact, windowStartUs: number): boolean =>
  clockMs * 1000 <= windowStartUs
