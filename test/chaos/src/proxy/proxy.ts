import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Fault, Faults } from './faults.ts'
import { correlationIdOf, frameCutter, requestHeaderOf } from './frames.ts'

export type Ports = { readonly listenPort: number; readonly targetPort: number }
export type Proxy = { readonly close: () => Promise<void> }

/**
 * Stands between Kafka's clients and one broker, on the loopback interface. It understands where a request begins, of which kind it is and
 * which answer belongs to it, and nothing more.
 */
export const openProxy = async (
  { listenPort, targetPort }: Ports,
  faults: Faults,
): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    // What is written to a connection that has gone is lost, as it is on a network.
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.setNoDelay(true)
  }
  const server = createServer((client) => {
    const broker = connect(targetPort, '127.0.0.1')
    keep(client)
    keep(broker)
    join(client, broker, faults)
  })
  await listening(server, listenPort)
  return {
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })

const join = (client: Socket, broker: Socket, faults: Faults): void => {
  const requests = lane(broker)
  const answers = lane(client)
  const struckAnswers = new Map<number, Fault>()

  const onRequest = (frame: Buffer): void => {
    const { apiKey, correlationId, clientId } = requestHeaderOf(frame)
    const fault = faults.meet(apiKey, clientId)
    if (fault?.action === 'hold request') {
      faults.struck(fault)
      requests.hold(fault.ms)
    } else if (fault !== null) struckAnswers.set(correlationId, fault)
    requests.send(frame)
  }

  const onAnswer = (frame: Buffer): void => {
    const fault = struckAnswers.get(correlationIdOf(frame))
    if (fault === undefined) {
      answers.send(frame)
      return
    }
    struckAnswers.delete(correlationIdOf(frame))
    faults.struck(fault)
    if (fault.action === 'drop answer') return
    if (fault.action === 'cut') {
      client.destroy()
      broker.destroy()
      return
    }
    answers.hold(fault.ms)
    answers.send(frame)
  }

  client.on('data', frameCutter(onRequest))
  broker.on('data', frameCutter(onAnswer))
  broker.on('close', () => client.destroy())
  client.on('close', () => requests.whenFree(() => broker.end()))
}

type Lane = {
  readonly send: (frame: Buffer) => void
  /** Keeps back what is sent from now on, in its order. */
  readonly hold: (ms: number) => void
  readonly whenFree: (then: () => void) => void
}

/** One direction of a connection. What waits is bounded by what a client sends without an answer. */
const lane = (to: Socket): Lane => {
  let waiting: Buffer[] = []
  let freed: (() => void)[] = []
  let holds = 0
  const release = (): void => {
    if (--holds > 0) return
    const frames = waiting
    const tell = freed
    waiting = []
    freed = []
    for (const frame of frames) to.write(frame)
    for (const then of tell) then()
  }
  return {
    send: (frame) => {
      if (holds > 0) waiting.push(frame)
      else to.write(frame)
    },
    hold: (ms) => {
      holds++
      setTimeout(release, ms).unref()
    },
    whenFree: (then) => {
      if (holds > 0) freed.push(then)
      else then()
    },
  }
}
