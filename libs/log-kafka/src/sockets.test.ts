import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import './kafkajs-internals.ts'
import { openSockets } from './sockets.ts'

let server: Server
let port: number
beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  server.close()
})

const socketOf = (sockets: ReturnType<typeof openSockets>) =>
  // kafkajs passes null where there is no TLS.
  sockets.factory({ host: '127.0.0.1', port, ssl: null as never, onConnect: () => undefined })

const untilNone = async (sockets: ReturnType<typeof openSockets>): Promise<void> => {
  // The runner's deadline is the bound.
  while (sockets.count() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('the sockets of a client', () => {
  it('are all closed when they are dropped, connected or not', async () => {
    const sockets = openSockets()
    const connected = socketOf(sockets)
    connected.on('error', () => undefined)
    await once(connected, 'connect')
    const connecting = socketOf(sockets)
    connecting.on('error', () => undefined)
    expect(sockets.count()).toBe(2)
    sockets.drop()
    await untilNone(sockets)
    expect([connected.destroyed, connecting.destroyed]).toEqual([true, true])
  })

  it('are refused after that, with an error', async () => {
    const sockets = openSockets()
    sockets.drop()
    const late = socketOf(sockets)
    const [error] = (await once(late, 'error')) as [Error]
    expect(error.message).toBe('the client was closed')
    await untilNone(sockets)
  })

  it('are those that kafkajs uses, and go though it is about to connect again', async () => {
    const sockets = openSockets()
    // Nobody answers: kafkajs waits, gives up and tries again, on and on.
    const brokers = [`127.0.0.1:${port}`]
    const { logLevel, Kafka } = kafkajs
    const kafka = new Kafka({
      ...{ brokers, logLevel: logLevel.NOTHING, socketFactory: sockets.factory },
      requestTimeout: 50,
      // Nobody ends a try that has begun; without an end of its own this would go on for a week.
      retry: { initialRetryTime: 10, maxRetryTime: 10, retries: 60_000_000 },
    })
    const producer = kafka.producer()
    const connecting = producer.connect().then(
      () => 'connected',
      () => 'gave up',
    )
    await once(server, 'connection')
    await producer.disconnect()
    sockets.drop()
    expect(await connecting).toBe('gave up')
    await untilNone(sockets)
  })
})
