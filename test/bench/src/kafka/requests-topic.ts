import { bothOf, type ExpectedWindows, type Sample } from './expected-windows.ts'
import { openRawConnection } from './raw-connection.ts'
import {
  firstRoundUs,
  moveTo,
  roundMs,
  type MovableBatch,
  type RequestRound,
} from './request-round.ts'

/** Requests as they are loaded: twelve whole rounds and the first half of another, which closes all but the last two windows. */
const wholeRounds = 12
export const roundsOfTopic = wholeRounds + 0.5

/** What a topic holds once it is loaded. */
export type LoadedRequests = {
  readonly records: number
  readonly events: number
  readonly expected: ExpectedWindows
}

/** Requests under way at a time. */
const aheadMax = 8

/**
 * Writes the rounds to a topic whose partitions one broker leads. The bytes are there already, so that this costs a tenth of what a client
 * that takes record by record does.
 */
export const loadRequests = async (
  broker: string,
  topic: string,
  round: RequestRound,
  eventsPerRecord: number,
): Promise<LoadedRequests> => {
  const connection = await openRawConnection(broker)
  const underWay: Promise<void>[] = []
  let records = 0
  try {
    for (let i = 0; i <= wholeRounds; i++)
      for (const batches of inTurn(round.batches.map((of) => loadedOf(of, i)))) {
        if (underWay.length === aheadMax) await underWay.shift()
        for (const { batch } of batches) {
          moveTo(batch, i)
          records += batch.records
        }
        underWay.push(connection.ask(0, 7, produceBody(topic, batches)).then(requireStored))
      }
    await Promise.all(underWay)
  } finally {
    connection.close()
  }
  return { records, events: records * eventsPerRecord, expected: expectedOf(round) }
}

export const loadedOf = (
  batches: readonly MovableBatch[],
  round: number,
): readonly MovableBatch[] =>
  round < wholeRounds ? batches : batches.filter(({ maxAfterMs }) => maxAfterMs < roundMs / 2)

type Placed<Batch> = { readonly partition: number; readonly batch: Batch }

/** The first batches of all partitions, then the second ones, and so on. */
function* inTurn(
  partitions: readonly (readonly MovableBatch[])[],
): Generator<readonly Placed<MovableBatch>[]> {
  for (let i = 0; ; i++) {
    const batches = partitions.flatMap((of, partition) => {
      const batch = of[i]
      return batch === undefined ? [] : [{ partition, batch }]
    })
    if (batches.length === 0) return
    yield batches
  }
}

/** Produce v7: no transaction, all replicas, 30 s, one topic. Copies the batches, which may be moved on then. */
export const produceBody = (
  topic: string,
  batches: readonly Placed<{ readonly bytes: Uint8Array }>[],
): Buffer => {
  const name = Buffer.from(topic)
  const head = Buffer.alloc(18 + name.length)
  head.writeInt16BE(-1, 0)
  head.writeInt16BE(-1, 2)
  head.writeInt32BE(30_000, 4)
  head.writeInt32BE(1, 8)
  head.writeInt16BE(name.length, 12)
  name.copy(head, 14)
  head.writeInt32BE(batches.length, 14 + name.length)
  const parts = batches.flatMap(({ partition, batch: { bytes } }) => {
    const where = Buffer.alloc(8)
    where.writeInt32BE(partition, 0)
    where.writeInt32BE(bytes.length, 4)
    return [where, bytes]
  })
  return Buffer.concat([head, ...parts])
}

/** Throws unless all is stored: topics [name, partitions [partition 4, error 2, base offset 8, append time 8, log start 8]]. */
export const requireStored = (answer: Buffer): void => {
  const nameEnd = 6 + answer.readInt16BE(4)
  const partitions = answer.readInt32BE(nameEnd)
  for (let i = 0; i < partitions; i++) {
    const at = nameEnd + 4 + 30 * i
    const error = answer.readInt16BE(at + 4)
    if (error !== 0)
      throw new Error(
        `partition ${answer.readInt32BE(at)}: the broker answers with error ${error}; the bench needs one that leads all partitions`,
      )
  }
}

/** Windows are alike but the one before the first round. The last whole one and the half one are still open at the end. */
export const expectedOf = ({ own, before }: RequestRound): ExpectedWindows => {
  const whole = new Map<string, Sample>()
  for (const service of own.keys())
    whole.set(service, bothOf(own.get(service), before.get(service)))
  return {
    windows: before.size + (wholeRounds - 1) * whole.size,
    of: (service, startUs) => {
      const window = (startUs - firstRoundUs) / (roundMs * 1000)
      if (window === -1) return before.get(service) ?? null
      const isClosed = Number.isInteger(window) && window >= 0 && window < wholeRounds - 1
      return isClosed ? (whole.get(service) ?? null) : null
    },
  }
}
