import {
  isUnanswered,
  labelsOf,
  matcherOf,
  MatcherError,
  parseMatchers,
  type AlertHistory,
} from '@tidemark/evaluation'
import type { Matcher } from '@tidemark/model'
import { UsageError, type LogOptions } from '../context.ts'

export type AlertChoiceOptions = LogOptions & {
  readonly firing?: boolean
  readonly silenced?: boolean
  readonly inhibited?: boolean
  readonly acknowledged?: boolean
  readonly unanswered?: boolean
}

/** Matchers from arguments, which hold one or several each. UsageError where one is none. */
export const matchersIn = (args: readonly string[]): readonly Matcher[] => {
  try {
    return args.flatMap((text) => parseMatchers(text))
  } catch (error) {
    if (error instanceof MatcherError) throw new UsageError(error.message)
    throw error
  }
}

/** Which alerts are asked for: all conditions hold. */
export const alertChoice = (
  args: readonly string[],
  options: AlertChoiceOptions,
): ((history: AlertHistory) => boolean) => {
  const matches = matcherOf(matchersIn(args))
  return (history) => {
    const { newest, resolved } = history
    return (
      matches(labelsOf(newest)) &&
      (options.firing !== true || resolved === null) &&
      (options.silenced !== true || newest.silencedBy.length > 0) &&
      (options.inhibited !== true || newest.inhibitedBy !== null) &&
      (options.acknowledged !== true || newest.acknowledgement !== null) &&
      (options.unanswered !== true || isUnanswered(history))
    )
  }
}
