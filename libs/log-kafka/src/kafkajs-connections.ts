import kafkajs, { type ISocketFactory } from 'kafkajs'
// @ts-expect-error No types inside.
import ConnectionClass from 'kafkajs/src/network/connection.js'
// @ts-expect-error No types inside.
import ConnectionPoolClass from 'kafkajs/src/network/connectionPool.js'
import type { Socket } from 'node:net'
import { isTimeout, rootFailure } from './failures.ts'
import { addressOf, isClientClosed, silentBrokersOf } from './silent-brokers.ts'

// What kafkajs gets wrong about connections is put right here, once for all clients of the process.

/** One connection of kafkajs, as far as its end concerns. */
export type ConnectionInside = {
  readonly host: string
  readonly port: number
  readonly socketFactory: ISocketFactory
  readonly requestQueue: { readonly destroy: () => void }
  socket?: Socket | undefined
  readonly isConnected: () => boolean
  readonly rejectRequests: (error: Error) => void
  authHandlers: { readonly onError: () => void } | null
  authenticatedAt: unknown
  connectionStatus: string
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  processData: (this: ConnectionInside, answer: Buffer) => unknown
  connect: (this: ConnectionInside) => Promise<unknown>
  send: (this: ConnectionInside, request: unknown) => Promise<unknown>
}

/**
 * Closes a connection without waiting for what is under way on it, and here and now: kafkajs waits first, and then ends whatever socket the
 * connection has by that time, be it a new one. One that is not open yet is left to its timeout.
 */
export const closeAtOnce = (connection: ConnectionInside, reason: Error): void => {
  if (!connection.isConnected()) return
  const { authHandlers, requestQueue, socket } = connection
  connection.connectionStatus = 'disconnected'
  connection.authenticatedAt = null
  connection.socket = undefined
  requestQueue.destroy()
  // Nothing that it still says concerns what is sent on the next one.
  for (const event of ['data', 'end', 'error', 'timeout']) socket?.removeAllListeners(event)
  socket?.on('error', () => undefined).destroy()
  authHandlers?.onError()
  connection.rejectRequests(reason)
}

/** What one of a kind does once at a time: whoever asks meanwhile waits for the same. */
export const shared = <Of extends object, T>(
  work: (of: Of) => Promise<T>,
): ((of: Of) => Promise<T>) => {
  const underWay = new WeakMap<Of, Promise<T>>()
  return (of) => {
    const begun = underWay.get(of) ?? work(of).finally(() => underWay.delete(of))
    underWay.set(of, begun)
    return begun
  }
}

const lengthBytes = 4

/**
 * kafkajs keeps a connection on which a request timed out, and everything after it would wait behind the dead one. It begins a connection with
 * the half of an answer that the last one ended in. And of two who want one it lets each open a socket, and forgets the first.
 */
const endSilentConnections = (): void => {
  const inside = (ConnectionClass as { readonly prototype: ConnectionInside }).prototype
  const { connect, send } = inside
  const connectAnew = (connection: ConnectionInside): Promise<unknown> => {
    connection.chunks = []
    connection.bytesBuffered = 0
    connection.bytesNeeded = lengthBytes
    return connect.call(connection)
  }
  const connectOnce = shared(connectAnew)
  inside.connect = function () {
    // kafkajs goes on with its retries, and the process with them, for as long as these may take.
    if (isClientClosed(this.socketFactory))
      return Promise.reject(new kafkajs.KafkaJSNonRetriableError('the client was closed'))
    return this.isConnected() ? Promise.resolve(true) : connectOnce(this)
  }
  inside.send = async function (request) {
    try {
      return await send.call(this, request)
    } catch (error) {
      if (isTimeout(rootFailure(error))) {
        silentBrokersOf(this.socketFactory)?.add(addressOf(this))
        closeAtOnce(this, connectionError(addressOf(this), 'an answer before is overdue'))
      }
      throw error
    }
  }
}

export const connectionError = (broker: string, why: string): Error =>
  new kafkajs.KafkaJSConnectionError(`${broker}: ${why}`, { broker })

/** Whole answers come from our sockets. kafkajs would copy each to join it with the nothing that was left of the one before. */
const takeAnswersAsTheyAre = (): void => {
  const inside = (ConnectionClass as { readonly prototype: ConnectionInside }).prototype
  const { processData } = inside
  inside.processData = function (answer) {
    if (this.bytesBuffered === 0) this.chunks = []
    return processData.call(this, answer)
  }
}

type ConnectionPoolInside = {
  readonly getConnection: (index: number) => Promise<ConnectionInside>
  getConnectionByRequest: (
    this: ConnectionPoolInside,
    protocol: { readonly request: { readonly apiKey: number } },
  ) => Promise<ConnectionInside>
}

/** What a broker may take its time for: Fetch, JoinGroup, SyncGroup. */
const patient: ReadonlySet<number> = new Set([1, 11, 14])

/** A broker works off a connection in order. kafkajs lets Fetch alone have one of its own, and metadata wait behind a member that joins. */
const keepWaysClear = (): void => {
  const inside = (ConnectionPoolClass as { readonly prototype: ConnectionPoolInside }).prototype
  inside.getConnectionByRequest = function ({ request }) {
    return this.getConnection(patient.has(request.apiKey) ? 1 : 0)
  }
}

export const repairConnections = (): void => {
  endSilentConnections()
  takeAnswersAsTheyAre()
  keepWaysClear()
}
