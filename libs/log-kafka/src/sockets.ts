import { connect, isIP, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import { addressOf, closeClient, shareSilence, type SilentBrokers } from './silent-brokers.ts'

/** All sockets of one kafkajs client. */
export type Sockets = {
  /** Makes them, as kafkajs would by itself. */
  readonly factory: ISocketFactory
  readonly count: () => number
  /** Closes all there are and all that are still asked for. */
  readonly drop: () => void
}

const keepAliveMs = 60_000

/**
 * kafkajs loses sight of sockets: one that is being connected, or is connected again by a retry that nobody can stop, while its client
 * is disconnected, stays open, and the process with it. A broker from which anything comes is not one of the `silent` any more.
 */
export const openSockets = (silent: SilentBrokers = new Set()): Sockets => {
  const sockets = new Set<Socket>()
  let isDropped = false
  const drop = (socket: Socket): void => {
    socket.destroy(new Error('the client was closed'))
  }
  const factory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const address = addressOf({ host, port })
    const name = isIP(host) === 0 ? { servername: host } : {}
    // Null where there is none, whatever kafkajs's types say.
    const secure = ssl as typeof ssl | null
    const socket =
      secure === null
        ? connect({ host, port }, onConnect)
        : connectSecurely({ host, port, ...name, ...secure }, onConnect)
    socket.setKeepAlive(true, keepAliveMs)
    socket.on('data', () => {
      if (silent.size > 0) silent.delete(address)
    })
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    if (isDropped) drop(socket)
    return socket
  }
  shareSilence(factory, silent)
  return {
    factory,
    count: () => sockets.size,
    drop: () => {
      isDropped = true
      closeClient(factory)
      for (const socket of sockets) drop(socket)
    },
  }
}
