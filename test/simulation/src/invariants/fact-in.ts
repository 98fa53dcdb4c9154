import type { Fact } from '@tidemark/model'
import { contentOf } from '../oracle/avro.ts'
import { factOf } from '../oracle/fact-fates.ts'

/** What `FactApplied` holds: on the wire a fact in its own frame, as the oracle's reader gives it. */
export const factIn = (bytes: unknown): Fact => {
  const content = contentOf(bytes as Uint8Array)
  if (content.kind === 'refused') throw new Error(`a fact that was applied: ${content.reason}`)
  return factOf(content)
}
