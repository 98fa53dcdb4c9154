import type { Log, TaskSession } from '@tidemark/log'
import type { AlertEvent, Offset } from '@tidemark/model'
import { isRepeat, positionAfter, type AlertPosition } from './alert-position.ts'
import { alertsIn } from './alert-records.ts'
import { layoutOf } from './layout-of.ts'

export type AlertGroupOptions = {
  /** Members of the same group share the partitions and their positions. */
  readonly group: string
  /**
   * Called for one event after the other of a partition; the position moves on when it resolves. An error ends the group's member: after
   * a restart the same event comes again, so handling is at least once and should be keyed by `event.id`.
   */
  readonly onAlert: (event: AlertEvent, partition: number) => Promise<void>
  readonly signal: AbortSignal
}

const pollMs = 500
const partName = 'position'

/** Consumes alerts as a member of a group that keeps the position in the log, until the signal aborts. */
export const consumeAlertsInGroup = async (log: Log, options: AlertGroupOptions): Promise<void> => {
  const { partitions } = await layoutOf(log)
  await log.host(
    { processor: `alerts-${options.group}`, topics: ['alerts'], tasks: partitions },
    (session, signal) => consumePartition(log, session, options, signal),
    options.signal,
  )
}

const consumePartition = async (
  log: Log,
  session: TaskSession,
  { onAlert }: AlertGroupOptions,
  signal: AbortSignal,
): Promise<void> => {
  const partition = session.task
  let position = positionIn(session) ?? (await oldest(log, partition))
  while (!signal.aborted) {
    const wants = [{ topic: 'alerts', partition, position: position.next }] as const
    for (const batches of await session.poll(wants, { maxWaitMs: pollMs })) {
      for (const [event, offset] of alertsIn(batches)) {
        if (isRepeat(position, event)) continue
        if (signal.aborted) return
        await onAlert(event, partition)
        position = positionAfter(offset, event)
        await save(session, position)
      }
      if (batches.nextOffset > position.next) position = { ...position, next: batches.nextOffset }
    }
  }
}

const positionIn = ({ checkpoint }: TaskSession): AlertPosition | null => {
  const bytes = checkpoint?.get(partName)
  if (bytes === undefined) return null
  return JSON.parse(new TextDecoder().decode(bytes)) as AlertPosition
}

const oldest = async (log: Log, partition: number): Promise<AlertPosition> => {
  const bounds = await log.bounds('alerts')
  return { next: bounds[partition]?.startOffset ?? (0 as Offset), last: null }
}

const save = (session: TaskSession, position: AlertPosition): Promise<void> =>
  session.commit({
    outputs: [],
    checkpoint: new Map([[partName, new TextEncoder().encode(JSON.stringify(position))]]),
    positions: [
      { topic: 'alerts', partition: session.task, position: position.next, from: position.next },
    ],
  })
