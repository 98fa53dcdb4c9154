import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import './kafkajs-internals.ts'
import { openBuffers } from './buffers.ts'
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
    const sockets = openSockets(openBuffers())
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
    const sockets = openSockets(openBuffers())
    sockets.drop()
    const late = socketOf(sockets)
    const [error] = (await once(late, 'error')) as [Error]
    expect(error.message).toBe('the client was closed')
    await untilNone(sockets)
  })

  it('are those that kafkajs uses, and go though it is about to connect again', async () => {
    const sockets = openSockets(openBuffers())
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

  it('end with words about what does not speak like a broker', async () => {
    server.on('connection', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const sockets = openSockets(openBuffers())
    const socket = socketOf(sockets)
    socket.on('data', () => undefined)
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toBe(
      `127.0.0.1:${port} announces an answer of 1213486160 bytes, which no Kafka broker does: is it one, and is TLS set as it expects?`,
    )
    await untilNone(sockets)
  })

  it.each(['plain', 'TLS'])('hand on whole answers: %s', async (kind) => {
    const answer = (bytes: number, fill: number): Buffer => {
      const whole = Buffer.alloc(4 + bytes, fill)
      whole.writeInt32BE(bytes)
      return whole
    }
    const answers = [answer(10, 1), answer(3_000_000, 2), answer(0, 3), answer(500_000, 4)]
    const speak = (socket: Socket): void => {
      // In pieces that end anywhere.
      const bytes = Buffer.concat(answers)
      for (let at = 0; at < bytes.length; at += 99_991)
        socket.write(bytes.subarray(at, at + 99_991))
      socket.on('error', () => undefined)
    }
    // A key that both know needs no certificate.
    const psk = Buffer.alloc(16, 7)
    const ciphers = 'PSK-AES128-GCM-SHA256'
    const secure = createSecureServer(
      { ciphers, maxVersion: 'TLSv1.2', pskCallback: () => psk },
      speak,
    )
    server.on('connection', speak)
    const listening = kind === 'TLS' ? secure.listen(0, '127.0.0.1') : server
    if (kind === 'TLS') await once(secure, 'listening')
    const ssl = {
      ...{ ciphers, maxVersion: 'TLSv1.2' as const, checkServerIdentity: () => undefined },
      pskCallback: () => ({ psk, identity: 'client' }),
    }
    const sockets = openSockets(openBuffers())
    const socket = sockets.factory({
      host: '127.0.0.1',
      port: (listening.address() as AddressInfo).port,
      ssl: kind === 'TLS' ? ssl : (null as never),
      onConnect: () => undefined,
    })
    const got: Buffer[] = []
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('data', (bytes: Buffer) => {
        if (got.push(bytes) === answers.length) resolve()
      })
    })
    expect(got.map((bytes) => bytes.length)).toEqual(answers.map((bytes) => bytes.length))
    expect(got.every((bytes, i) => bytes.equals(answers[i]!))).toBe(true)
    sockets.drop()
    await untilNone(sockets)
    secure.close()
  })
})
