import type { Configuration, Id } from '@tidemark/model'
import type { Labels } from './labels.ts'
import { matcherOf } from './matchers.ts'

/** A rule of inhibition with its matchers made ready. */
export type PreparedInhibition = {
  readonly isSource: (labels: Labels) => boolean
  readonly isTarget: (labels: Labels) => boolean
}

/** An alert of the service that is up. */
export type UpAlert = { readonly alertId: Id; readonly labels: Labels }

export const prepareInhibition = ({
  inhibition,
}: Pick<Configuration, 'inhibition'>): readonly PreparedInhibition[] =>
  inhibition.map(({ source, target }) => ({
    isSource: matcherOf(source),
    isTarget: matcherOf(target),
  }))

/**
 * The alert that makes one with these labels superfluous: the first of those of its service that are up, in the order of the configuration,
 * that is a source where this one is a target. What is a source itself is no target of the same rule, so that nothing inhibits itself
 * or its like.
 */
export const inhibitorOf = (
  inhibition: readonly PreparedInhibition[],
  up: readonly UpAlert[],
  labels: Labels,
): Id | null => {
  const applying = inhibition.filter(
    ({ isSource, isTarget }) => isTarget(labels) && !isSource(labels),
  )
  if (applying.length === 0) return null
  return (
    up.find((other) => applying.some(({ isSource }) => isSource(other.labels)))?.alertId ?? null
  )
}
