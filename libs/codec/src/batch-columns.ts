import type { RequestBatch } from '@tidemark/model'
import { batchEventsMax, batchOperationsMax } from '@tidemark/wire'
import { longMax } from './pre-walk.ts'

/** Why the columns of a batch do not belong together, or null. The schema cannot say it; such a body is as bad as a cut one. */
export const columnsFault = (batch: RequestBatch): string | null => {
  const events = batch.deltaUs.length
  if (events > batchEventsMax) return `deltaUs: ${events} events, at most ${batchEventsMax}`
  if (batch.operations.length > batchOperationsMax)
    return `operations: ${batch.operations.length} names, at most ${batchOperationsMax}`
  for (const column of ['latencyUs', 'status', 'operation'] as const)
    if (batch[column].length !== events)
      return `${column}: ${batch[column].length} values for ${events} events`
  const unnamed = batch.operation.findIndex(
    (index) => !(index >= 0 && index < batch.operations.length),
  )
  if (unnamed !== -1)
    return `operation[${unnamed}]: ${batch.operation[unnamed]!} of ${batch.operations.length} operations`
  const misplaced = batch.failures.findIndex(
    (index, i) => !(index > (batch.failures[i - 1] ?? -1) && index < events),
  )
  if (misplaced !== -1)
    return `failures[${misplaced}]: ${batch.failures[misplaced]!} is not above the one before and below ${events}`
  return null
}

/** The first event whose time is out of range, or null. */
export const batchTimeFault = ({ baseUs, deltaUs }: RequestBatch): string | null => {
  const wrong = deltaUs.findIndex((delta) => !(baseUs + delta >= 0 && baseUs + delta <= longMax))
  return wrong === -1
    ? null
    : `.deltaUs[${wrong}]: ${baseUs} + ${deltaUs[wrong]!} is not a time of 0 to ${longMax}`
}
