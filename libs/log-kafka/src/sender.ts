import { UnavailableError } from '@tidemark/log'
import type { Message, Producer } from 'kafkajs'
import { logErrorOf } from './failures.ts'
import { openLines } from './lines.ts'
import { sendAll, type Sent } from './one-partition.ts'
import type { Settings } from './options.ts'
import { withDeadline } from './waiting.ts'

/** A record on its way: a null value is a tombstone. */
export type SentRecord = {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Ignored by the broker where it stamps records itself. */
  readonly timestampMs: number
}

/**
 * An idempotent producer that is thrown away after every failure. kafkajs rolls its sequence numbers back when a send fails, so the next
 * message may reuse one that the broker has stored, and be dropped as a repeat: silent loss. A new producer has new numbers.
 */
export type Sender = {
  /** Connects and takes a producer id; `send` does it when this was not called. */
  readonly connect: () => Promise<void>
  /**
   * Appends records to one partition, in one batch. Sends to the same partition follow one another. An error leaves open whether the
   * records are in the log.
   */
  readonly send: (name: string, partition: number, records: readonly SentRecord[]) => Promise<Sent>
  readonly close: () => Promise<void>
}

type Incarnation = {
  readonly producer: Producer
  /** Closes what is left of its connections. */
  readonly drop: () => void
  readonly connected: Promise<void>
  sends: number
  discarded: boolean
}

export const openSender = (settings: Settings, timeoutMs: number): Sender => {
  const { clock, observe } = settings
  // Three tries fit into the time that a send has.
  const requestTimeoutMs = Math.max(1000, Math.min(10_000, Math.floor(timeoutMs / 3)))
  const lines = openLines()
  let current: Incarnation | null = null
  let closed = false

  const incarnation = (): Incarnation => {
    if (closed) throw new UnavailableError('the log was closed')
    current ??= incarnate(settings, requestTimeoutMs)
    return current
  }

  const discard = (failed: Incarnation, error: unknown): void => {
    if (current === failed) current = null
    failed.discarded = true
    observe({ kind: 'trouble', what: 'a producer is replaced', error })
    retire(failed)
  }

  const sendNow = async (
    name: string,
    partition: number,
    records: readonly SentRecord[],
    endMs: number,
  ): Promise<Sent> => {
    const what = `send of ${records.length} records to ${name}/${partition}`
    const leftMs = endMs - clock.monotonicMs()
    if (leftMs <= 0) throw new UnavailableError(`${what}: not begun within ${timeoutMs} ms`)
    const using = incarnation()
    // A try that begins later than this could end after the caller was told that it failed.
    const lastTryMs = endMs - requestTimeoutMs
    let tries = 0
    const mayTry = (): boolean =>
      !using.discarded && (tries++ === 0 || clock.monotonicMs() < lastTryMs)
    using.sends++
    try {
      await withDeadline(using.connected, leftMs, what)
      const sending = sendAll(
        using.producer,
        name,
        partition,
        messagesOf(records),
        mayTry,
        requestTimeoutMs,
      )
      return await withDeadline(sending, endMs - clock.monotonicMs(), what)
    } catch (error) {
      discard(using, error)
      throw logErrorOf(error, what)
    } finally {
      using.sends--
      if (using.discarded) retire(using)
    }
  }

  return {
    connect: async () => {
      const using = incarnation()
      try {
        await withDeadline(using.connected, timeoutMs, 'producer id')
      } catch (error) {
        discard(using, error)
        throw logErrorOf(error, 'producer id')
      }
    },
    send: (name, partition, records) => {
      const endMs = clock.monotonicMs() + timeoutMs
      return lines.inLine(`${name}/${partition}`, () => sendNow(name, partition, records, endMs))
    },
    close: async () => {
      await lines.ended()
      closed = true
      if (current === null) return
      current.discarded = true
      await disconnect(current)
    },
  }
}

/**
 * kafkajs fails a send at the first broken connection that it cannot replace, and only its own retry repeats the sequence numbers, by
 * which brokers know a repeat. So it goes on for about a minute, and the deadline of a send ends it.
 */
const patient = {
  initialRetryTime: 50,
  factor: 0.2,
  multiplier: 2,
  maxRetryTime: 1000,
  retries: 60,
}

const incarnate = (settings: Settings, requestTimeoutMs: number): Incarnation => {
  const client = settings.client(requestTimeoutMs, patient)
  const producer = client.kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
    retry: patient,
  })
  const connected = producer.connect()
  // Whoever waits for it hears of it; nobody may be waiting yet.
  connected.catch(() => undefined)
  return { producer, drop: client.drop, connected, sends: 0, discarded: false }
}

/** Disconnects a discarded producer when its last send has ended. */
const retire = (incarnation: Incarnation): void => {
  if (incarnation.sends === 0) void disconnect(incarnation)
}

/** Nothing of it is needed any more. */
const disconnect = ({ producer, drop }: Incarnation): Promise<void> =>
  withDeadline(producer.disconnect(), disconnectMsMax, 'disconnect')
    .catch(() => undefined)
    .then(drop)

const disconnectMsMax = 5000

const messagesOf = (records: readonly SentRecord[]): Message[] =>
  records.map(({ key, value, timestampMs }) => ({
    key: key === null ? null : asBuffer(key),
    value: value === null ? null : asBuffer(value),
    // kafkajs sorts timestamps as text and takes 0 for none: with leading zeros both come out right.
    timestamp: String(timestampMs).padStart(16, '0'),
  }))

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
