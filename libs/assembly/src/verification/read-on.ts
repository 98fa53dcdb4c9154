import { UnavailableError, type ReadRequest } from '@tidemark/log'
import type { RecordBatches } from '@tidemark/model'
import type { ReadableLog } from './topic-digest.ts'

const waitMs = 1000
const waitsMax = 30

/** Reads below the end of a partition, where there must be something. */
export const readOn = async (
  log: Pick<ReadableLog, 'read'>,
  request: Omit<ReadRequest, 'maxWaitMs'>,
): Promise<RecordBatches> => {
  for (let waits = 0; waits < waitsMax; waits++) {
    const batches = await log.read({ ...request, maxWaitMs: waitMs })
    if (batches.nextOffset > request.fromOffset) return batches
  }
  throw new UnavailableError(
    `${request.topic}/${request.partition}: nothing came from position ${request.fromOffset} on within ${waitsMax} s, though that is not its end`,
  )
}
