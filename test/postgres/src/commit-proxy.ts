import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { ServerAddress } from './server-address.ts'

/** What becomes of the next COMMIT: it gets through; it never reaches the server; the server obeys, and nobody is told. */
export type CommitFate = 'answered' | 'lost' | 'unanswered'

/** Stands between a client and a server, and cuts the connection around a COMMIT. */
export type CommitProxy = {
  readonly address: ServerAddress
  /** Asked at each COMMIT. */
  readonly setFate: (fate: () => CommitFate) => void
  readonly stop: () => Promise<void>
}

/** A simple query as it stands on the wire: its letter, its length, its text, a zero. */
const commit = Buffer.from('Q\0\0\0\u000bcommit\0')

export const startCommitProxy = async (target: ServerAddress): Promise<CommitProxy> => {
  let fate = (): CommitFate => 'answered'
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host)
    let isMute = false
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
      socket.on('error', cut)
    }
    client.on('data', (chunk: Buffer) => {
      // It is a message of its own, and the client sends nothing else before it is answered.
      const what = chunk.equals(commit) ? fate() : 'answered'
      if (what === 'lost') {
        cut()
        return
      }
      isMute = what === 'unanswered'
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      // The answer says that the server has done it.
      if (isMute) cut()
      else client.write(chunk)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    address: { ...target, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    setFate: (next) => {
      fate = next
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
