import { Socket } from 'node:net'

/**
 * Requests of this process to Kafka brokers from now on, by kind, as their headers on the sockets say. A Fetch counts as `Fetch` when it asks
 * for a partition of `topic`, and as `other Fetch` otherwise: those are repeated by the clock. So is what a transaction begins with, while a
 * broker still writes the markers of the last one: the same words before the next EndTxn count once.
 */
export const countRequests = (topic: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  const begun = new Set<string>()
  const prototype = Socket.prototype as { write: (...args: any[]) => boolean }
  const write = prototype.write
  prototype.write = function (this: Socket, ...args: unknown[]) {
    // Where standard output is a pipe, it is a socket as well.
    if (this.remotePort === undefined && !this.connecting) return write.apply(this, args)
    const frame = requestIn(args[0])
    const name = kinds.get(frame.readInt16BE(4)) ?? 'unknown'
    const kind = name === 'Fetch' && !frame.includes(topic) ? 'other Fetch' : name
    // Behind the header's fixed part, in which requests are numbered.
    const words = `${kind} ${frame.toString('latin1', 12)}`
    const isRepeat = begun.has(words)
    if (begins.has(kind)) begun.add(words)
    if (kind === 'EndTxn') begun.clear()
    if (!isRepeat) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return write.apply(this, args)
  }
  return counts
}

/** kafkajs writes each request in one piece: size, api key, version ... */
const requestIn = (written: unknown): Buffer => {
  const isRequest =
    Buffer.isBuffer(written) && written.length >= 8 && written.readInt32BE(0) === written.length - 4
  if (!isRequest) throw new Error('a write that is not one request of Kafka')
  return written
}

const begins: ReadonlySet<string> = new Set(['AddPartitionsToTxn', 'AddOffsetsToTxn'])

const kinds: ReadonlyMap<number, string> = new Map([
  [0, 'Produce'],
  [1, 'Fetch'],
  [2, 'ListOffsets'],
  [3, 'Metadata'],
  [8, 'OffsetCommit'],
  [9, 'OffsetFetch'],
  [10, 'FindCoordinator'],
  [11, 'JoinGroup'],
  [12, 'Heartbeat'],
  [13, 'LeaveGroup'],
  [14, 'SyncGroup'],
  [18, 'ApiVersions'],
  [22, 'InitProducerId'],
  [24, 'AddPartitionsToTxn'],
  [25, 'AddOffsetsToTxn'],
  [26, 'EndTxn'],
  [28, 'TxnOffsetCommit'],
])
