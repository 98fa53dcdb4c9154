import { randomUUID } from 'node:crypto'
import { backfillOf, type Connection } from '@tidemark/assembly'
import { openPublisher, type PublishableEvent } from '@tidemark/client'
import { partitionOfService, tick } from '@tidemark/codec'
import { canonicalJson, inputTopics, topicOfEvent, type EpochMs } from '@tidemark/model'
import { UsageError } from '../context.ts'
import { batcherOf, type SingleEvent, type Stamped } from './batcher.ts'
import { repeatableIds, type DrawId } from './repeatable-ids.ts'

/** Where events enter the log, one after the other. */
export type Door = {
  /** Takes an event, waiting while too many are under way; or says why it is refused. */
  readonly put: (event: PublishableEvent) => Promise<string | null>
  /** Ends when all that was put is in the log; fails when some of it is not. */
  readonly settle: () => Promise<void>
  /** Ticks every partition of every input so that all windows close; the number of ticks. */
  readonly flush: () => Promise<number>
  /** Lets go of the log, with what was not settled. */
  readonly close: () => Promise<void>
}

export type DoorOptions = {
  readonly stamp: 'now' | 'event'
  readonly batch: boolean
  /** How far an event may be ahead of the largest event time so far. */
  readonly maxJumpUs: number
}

/** How long requests wait for others to fill a batch. */
const lingerMs = 500

export const openDoor = async (
  { log, layout }: Connection,
  options: DoorOptions,
): Promise<Door> => {
  if (options.stamp === 'now' && layout.timestamps !== 'broker')
    throw new UsageError(
      'this log takes its timestamps from its producers: publish with --stamp event, or use another folder or prefix',
    )
  const backfill = options.stamp === 'event' ? await backfillOf(log, layout) : null
  const publisher = await openPublisher(log)
  const drawId: DrawId = backfill === null ? () => randomUUID() : await repeatableIds(log)
  const batcher = options.batch ? batcherOf(layout, drawId) : null
  let failure: Error | null = null
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error))
  }
  const single = (
    stamped: Stamped<SingleEvent>,
    partition: number,
  ): readonly Stamped<PublishableEvent>[] => batcher?.add(stamped, partition) ?? [stamped]
  const send = async ({ event, timestampMs }: Stamped<PublishableEvent>): Promise<void> => {
    await publisher.ready()
    publisher.publish(event, timestampMs).catch(fail)
  }
  const sendRest = async (): Promise<void> => {
    for (const stamped of batcher?.rest() ?? []) await send(stamped)
  }
  // Where time goes on by itself, what came so far does not wait for a full piece; a backfill's batches must not depend on when lines come.
  const linger =
    backfill === null && batcher !== null
      ? setInterval(() => {
          sendRest().catch(fail)
        }, lingerMs)
      : undefined
  const settle = async (): Promise<void> => {
    await sendRest()
    await publisher.flush()
    if (failure !== null) throw failure
  }
  return {
    put: async (event) => {
      if (failure !== null) throw failure
      const { partition } = partitionOfService(event.service, layout.partitions)
      let timestampMs: EpochMs | undefined
      if (backfill !== null) {
        const largestUs = backfill.largestUs()
        const atUs = lastUsOf(event)
        if (largestUs !== null && atUs > largestUs + options.maxJumpUs)
          return `at: more than ${options.maxJumpUs / 1_000_000} s (--max-jump) ahead of the largest event time so far`
        timestampMs = backfill.stamp(topicOfEvent[event.type], partition, atUs)
      }
      const ready =
        event.type === 'RequestBatch'
          ? [{ event, timestampMs }]
          : single({ event: withId(event, partition, drawId), timestampMs }, partition)
      for (const stamped of ready) await send(stamped)
      return null
    },
    settle,
    close: async () => {
      clearInterval(linger)
      await publisher.close()
    },
    flush: async () => {
      await settle()
      const timestampMs = backfill?.flushMs() ?? null
      if (timestampMs === null) return 0
      const sender = await log.publisher()
      try {
        for (const topic of inputTopics)
          for (let partition = 0; partition < layout.partitions; partition++)
            await sender.append(topic, partition, [{ key: null, value: tick, timestampMs }])
      } finally {
        await sender.close()
      }
      return inputTopics.length * layout.partitions
    },
  }
}

const withId = (event: SingleEvent, partition: number, drawId: DrawId): SingleEvent =>
  event.id === null
    ? { ...event, id: drawId(topicOfEvent[event.type], partition, canonicalJson(event)) }
    : event

/** Event time; of a batch the latest of its events, as batches are stamped. */
const lastUsOf = (event: PublishableEvent): number =>
  event.type === 'RequestBatch'
    ? event.deltaUs.reduce((last, delta) => Math.max(last, event.baseUs + delta), event.baseUs)
    : event.atUs
