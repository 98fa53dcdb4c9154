import { connect, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import { answersOf } from './answers.ts'
import type { Buffers } from './buffers.ts'
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
 * is disconnected, stays open, and the process with it. A broker from which anything comes is not one of the `silent` any more. Their 'data'
 * are whole answers, the large ones in memory from `buffers`.
 */
export const openSockets = (buffers: Buffers, silent: SilentBrokers = new Set()): Sockets => {
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
    const answers = answersOf(
      buffers,
      (answer) => socket.emit('data', answer),
      (bytes) =>
        socket.destroy(
          new Error(
            `${address} announces an answer of ${bytes} bytes, which no Kafka broker does: is it one, and is TLS set as it expects?`,
          ),
        ),
    )
    // Node's types forget that `tls.connect` takes it too.
    const received: { readonly onread: OnReadOpts } = {
      onread: {
        buffer: answers.room,
        callback: (bytes) => {
          if (silent.size > 0) silent.delete(address)
          answers.received(bytes)
          return true
        },
      },
    }
    const socket: Socket =
      secure === null
        ? connect({ host, port, ...received }, onConnect)
        : connectSecurely({ host, port, ...received, ...name, ...secure }, onConnect)
    socket.setKeepAlive(true, keepAliveMs)
    socket.setNoDelay(true)
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
