import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { clusterOf, KafkaClient, logLevel } from './kafkajs-internals.ts'

// A broker that was stopped in the middle of its work: its port is open and nobody answers.

let server: Server
let port: number
const taken: Socket[] = []
beforeEach(async () => {
  server = createServer((socket) => taken.push(socket.on('error', () => undefined))).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  for (const socket of taken) socket.destroy()
  server.close()
})

it('does not count as connected where a broker takes connections and says nothing', async () => {
  const kafka = new KafkaClient({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    requestTimeout: 100,
    connectionTimeout: 100,
    retry: { retries: 0 },
  })
  const cluster = clusterOf(kafka) as ReturnType<typeof clusterOf> & Connected
  await expect(cluster.connect()).rejects.toThrow(/timed out/)
  // The connection as such is open, and so kafkajs took the broker for one to ask.
  const { pool } = cluster.brokerPool.seedBroker!.connectionPool
  expect((pool as readonly unknown[] as readonly Connected[])[0]!.isConnected()).toBe(true)
  expect(cluster.isConnected()).toBe(false)
})

type Connected = { readonly isConnected: () => boolean }
