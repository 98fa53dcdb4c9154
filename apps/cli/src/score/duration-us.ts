import { durationOf } from '@tidemark/configuration'
import { UsageError } from '../context.ts'

/** A duration option in microseconds; null where it is not given. */
export const durationUsIn = (option: string, text: string | undefined): number | null => {
  if (text === undefined) return null
  const outcome = durationOf(text)
  if (!outcome.ok) throw new UsageError(`${option}: ${outcome.fault}`)
  return outcome.value
}
