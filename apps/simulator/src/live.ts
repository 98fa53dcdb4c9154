import { systemClock, type Connection } from '@tidemark/assembly'
import { LogError, type LogPublisher } from '@tidemark/log'
import { live, services, trafficOf } from '@tidemark/traffic'
import { UnfitLogError } from './errors.ts'
import { placementOf } from './placement.ts'
import { registeredServices } from './registered.ts'
import { senderOf } from './sender.ts'
import { timelineOf, type TimelineEvent } from './timeline.ts'

export type LiveOptions = Connection & {
  /** Default: drawn from the time. */
  readonly seed?: number
  /** Multiplies the rate of every service. */
  readonly rate?: number
  readonly clock?: LiveClock
  readonly observe?: (event: LiveEvent) => void
}

export type LiveClock = {
  /** Wall time, by which the log stamps. */
  readonly nowUs: () => number
  /** Ends early, without an error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

export type LiveEvent =
  | TimelineEvent
  /** So many events are durable. */
  | { readonly kind: 'sent'; readonly events: number }
  /** An append failed in a way that may pass, and is tried again with the same ids. */
  | { readonly kind: 'retried'; readonly error: LogError }

/** One append per partition in this time. */
const roundMs = 150
/** Events of one round, which is all that is ever in memory; more are due only when the log is slow. */
const roundEventsMax = 10_000
/** An append is tried again for about half a minute, beside what the log itself waits. */
const retryPauseMs = 500
const retriesMax = 60

/**
 * Live traffic on a log that stamps its records itself, until the signal aborts; what is under way is then still appended. What is due
 * is read off the clock in every round, so that delays do not add up. Throws UnfitLogError, and a LogError that does not pass.
 */
export const runLiveTraffic = async (options: LiveOptions, signal: AbortSignal): Promise<void> => {
  const { log, layout, clock = wallClock, observe = () => undefined } = options
  if (layout.timestamps !== 'broker')
    throw new UnfitLogError(
      'this log takes its timestamps from its producers (timestamps: producer), and live traffic has none of its own: use another folder or prefix',
    )
  const startUs = clock.nowUs()
  const traffic = trafficOf(live({ startUs, rate: options.rate ?? 1 }), {
    seed: options.seed ?? Math.floor(startUs / 1000),
  })
  const timeline = timelineOf(traffic, observe)
  const place = placementOf(layout.partitions)
  const publisher = await log.publisher()
  const sender = senderOf(appendAgain(publisher, clock, observe, signal))
  try {
    while (!signal.aborted) {
      const due = timeline.take(clock.nowUs(), roundEventsMax)
      for (const event of due) {
        const { topic, partition, key, value } = place(event)
        sender.add(topic, partition, { key, value })
      }
      // The log is waited for: while it is slow, nothing more is drawn.
      await sender.flush()
      if (due.length > 0) observe({ kind: 'sent', events: due.length })
      if (due.length < roundEventsMax) await clock.sleep(roundMs, signal)
    }
  } finally {
    await publisher.close()
  }
}

/** The services of live traffic, as a layout registers them. */
export const liveServices = registeredServices(services)

const wallClock: LiveClock = { nowUs: () => Date.now() * 1000, sleep: systemClock.sleep }

/** The same entries again after an error that may pass: those that were in the log all the same are noticed by their ids. */
const appendAgain =
  (
    publisher: LogPublisher,
    clock: LiveClock,
    observe: (event: LiveEvent) => void,
    signal: AbortSignal,
  ): LogPublisher['append'] =>
  async (topic, partition, entries) => {
    for (let retries = 0; ; retries++) {
      try {
        return await publisher.append(topic, partition, entries)
      } catch (error) {
        if (!(error instanceof LogError) || !error.retriable) throw error
        if (signal.aborted || retries >= retriesMax) throw error
        observe({ kind: 'retried', error })
        await clock.sleep(retryPauseMs, signal)
      }
    }
  }
