import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { faults, type Action, type Faults } from './faults.ts'
import { frameCutter } from './frames.ts'
import { openProxy, type Proxy } from './proxy.ts'

// A broker that notes what it is asked and answers each question with its correlation id.

const produce = 0
const endTxn = 26
let broker: Server
let asked: number[]
let proxy: Proxy
let planned: Faults
let client: Socket
let answered: number[]
let port: number

const frame = (body: readonly Buffer[]): Buffer => {
  const length = Buffer.alloc(4)
  const bytes = Buffer.concat(body)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const request = (apiKey: number, correlationId: number, clientId = 'tidemark'): Buffer => {
  const header = Buffer.alloc(10)
  header.writeInt16BE(apiKey)
  header.writeInt32BE(correlationId, 4)
  header.writeInt16BE(clientId.length, 8)
  return frame([header, Buffer.from(clientId), Buffer.from('a body')])
}

const answer = (correlationId: number): Buffer => {
  const body = Buffer.alloc(4)
  body.writeInt32BE(correlationId)
  return frame([body, Buffer.alloc(100)])
}

const until = async (condition: () => boolean): Promise<void> => {
  // The runner's deadline is the bound.
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const inject = (action: Action, ms = 0) =>
  planned.inject({ action, request: 'EndTxn', from: 'tide', ms })

beforeEach(async () => {
  asked = []
  answered = []
  planned = faults()
  broker = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on(
      'data',
      frameCutter((question) => {
        const correlationId = question.readInt32BE(8)
        asked.push(correlationId)
        socket.write(answer(correlationId))
      }),
    )
  })
  broker.listen(0, '127.0.0.1')
  await once(broker, 'listening')
  const spare = createServer().listen(0, '127.0.0.1')
  await once(spare, 'listening')
  port = (spare.address() as AddressInfo).port
  spare.close()
  const targetPort = (broker.address() as AddressInfo).port
  proxy = await openProxy({ listenPort: port, targetPort }, planned)
  client = connect(port, '127.0.0.1')
  client.on('error', () => undefined)
  client.on(
    'data',
    frameCutter((bytes) => answered.push(bytes.readInt32BE(4))),
  )
  await once(client, 'connect')
})
afterEach(async () => {
  client.destroy()
  await proxy.close()
  broker.close()
})

it('passes everything on, however it is cut into pieces', async () => {
  const bytes = Buffer.concat([request(endTxn, 1), request(produce, 2), request(endTxn, 3)])
  for (const byte of bytes) client.write(Buffer.from([byte]))
  await until(() => answered.length === 3)
  expect(asked).toEqual([1, 2, 3])
  expect(answered).toEqual([1, 2, 3])
})

it('drops the answer of the one request that was named, once', async () => {
  const injection = inject('drop answer')
  client.write(request(endTxn, 1, 'other'))
  client.write(request(produce, 2))
  client.write(request(endTxn, 3))
  client.write(request(endTxn, 4))
  await injection.hit
  await until(() => answered.length === 3)
  expect(asked).toEqual([1, 2, 3, 4])
  expect(answered).toEqual([1, 2, 4])
})

it('delays an answer and those behind it', async () => {
  const injection = inject('delay answer', 200)
  client.write(request(endTxn, 1))
  client.write(request(produce, 2))
  await injection.hit
  await until(() => asked.length === 2)
  expect(answered).toEqual([])
  await until(() => answered.length === 2)
  expect(answered).toEqual([1, 2])
})

it('holds a request back and sends it later, though its client has gone', async () => {
  const injection = inject('hold request', 200)
  client.write(request(produce, 1))
  client.write(request(endTxn, 2))
  client.write(request(produce, 3))
  await injection.hit
  client.destroy()
  expect(asked).not.toContain(2)
  await until(() => asked.length === 3)
  expect(asked).toEqual([1, 2, 3])
})

it('cuts a connection when the broker has answered and the client has not heard of it', async () => {
  const injection = inject('cut')
  client.write(request(endTxn, 1))
  await injection.hit
  await once(client, 'close')
  expect(asked).toEqual([1])
  expect(answered).toEqual([])
})

it('lets a fault that was taken back do nothing', async () => {
  inject('drop answer').withdraw()
  client.write(request(endTxn, 1))
  await until(() => answered.length === 1)
})
