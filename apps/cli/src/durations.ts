import { parseDurationMs } from '@tidemark/runtime'
import { UsageError } from './context.ts'

/** A duration option above 0, like 1h30m. */
export const durationUs = (option: string, text: string): number => {
  try {
    return parseDurationMs(text) * 1000
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
