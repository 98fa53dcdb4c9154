import { recordReader } from '@tidemark/codec'
import { isAlertEvent, type AlertEvent, type Offset, type RecordBatches } from '@tidemark/model'

/** The topic holds something else than alerts. */
export class NotAnAlertError extends Error {
  readonly code = 'not_an_alert'
  readonly retriable = false
}

/** The alert events in some batches, with their offsets. */
export function* alertsIn(batches: RecordBatches): Generator<readonly [AlertEvent, Offset]> {
  const reader = recordReader()
  reader.open(batches)
  for (let record = reader.next(); record !== null; record = reader.next()) {
    const { decoded, offset } = record
    if (!decoded.ok || !isAlertEvent(decoded.event))
      throw new NotAnAlertError(`alerts/${batches.partition}, offset ${offset}: no alert event`)
    yield [decoded.event, offset]
  }
}
