import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { checksPage } from './checks.ts'
import { httpUrlOf, parseHttpAddress } from './http-address.ts'
import { httpLimits, serveHttp, type HttpServer, type Page } from './http-server.ts'

const local = { host: '127.0.0.1', port: 0 }
const page = (body: string): Page => ({ status: 200, contentType: 'text/plain', body })
const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const served = async (
  answer: () => Page | Promise<Page> = () => page('here'),
  limits: Partial<typeof httpLimits> = {},
): Promise<HttpServer> => {
  const server = await serveHttp(local, new Map([['/metrics', answer]]), {
    ...httpLimits,
    ...limits,
  })
  servers.push(server)
  return server
}

const socketTo = async ({ address }: HttpServer): Promise<Socket> => {
  const socket = connect(address.port, address.host)
  await once(socket, 'connect')
  return socket
}

/** All that comes until the other side ends. */
const heard = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')))
  socket.on('error', () => undefined)
  await once(socket, 'close')
  return text
}

describe('the HTTP server', () => {
  it('answers GET with the page, whatever the query, and HEAD without its body', async () => {
    const url = `${httpUrlOf((await served()).address)}/metrics`
    const got = await fetch(`${url}?x=1`)
    expect([got.status, await got.text()]).toEqual([200, 'here'])
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '4'])
    expect(await head.text()).toBe('')
  })

  it('answers 404 where nothing is, and 405 with what is allowed', async () => {
    const url = httpUrlOf((await served()).address)
    expect((await fetch(`${url}/`)).status).toBe(404)
    expect((await fetch(`${url}/metrics/`, { method: 'POST' })).status).toBe(404)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const refused = await fetch(`${url}/metrics`, { method })
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })

  it('ends the connection of whoever sends a body', async () => {
    const url = httpUrlOf((await served()).address)
    const answer = await fetch(`${url}/metrics`, { method: 'POST', body: 'x'.repeat(100_000) })
    expect(answer.headers.get('connection')).toBe('close')
  })

  it('answers 503 when a page takes too long, and 500 when it fails', async () => {
    const slow = await served(() => new Promise(() => undefined), { pageTimeoutMs: 20 })
    expect((await fetch(`${httpUrlOf(slow.address)}/metrics`)).status).toBe(503)
    const failing = await served(() => Promise.reject(new Error('a secret')))
    const answer = await fetch(`${httpUrlOf(failing.address)}/metrics`)
    expect([answer.status, await answer.text()]).toEqual([500, 'failed\n'])
  })

  it('gives up on headers that do not end', async () => {
    const socket = await socketTo(await served(undefined, { headersTimeoutMs: 50 }))
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n')
    expect(await heard(socket)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('refuses large headers and what is no HTTP', async () => {
    const large = await socketTo(await served())
    large.write(`GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)
    expect(await heard(large)).toMatch(/^HTTP\/1\.1 431 /)
    const foreign = await socketTo(await served())
    foreign.write('\u0000\u0001 nonsense\r\n\r\n')
    expect(await heard(foreign)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('takes no more connections than its limit', async () => {
    const server = await served(undefined, { connectionsMax: 2 })
    const kept = [await socketTo(server), await socketTo(server)]
    const third = connect(server.address.port, server.address.host)
    third.on('error', () => undefined)
    await once(third, 'close')
    expect(kept.map(({ destroyed }) => destroyed)).toEqual([false, false])
    for (const socket of kept) socket.destroy()
  })

  it('ends with connections open, and frees its port', async () => {
    const server = await served()
    const socket = await socketTo(server)
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    await server.close()
    await closed
    const again = await serveHttp(server.address, new Map())
    await again.close()
  })

  it('says when its address is taken', async () => {
    const { address } = await served()
    await expect(serveHttp(address, new Map())).rejects.toThrow(/EADDRINUSE/)
  })
})

describe('checks', () => {
  it('are 200 when all hold, and 503 with the reasons otherwise', () => {
    const good = { name: 'log', reason: null }
    expect(checksPage([good]).status).toBe(200)
    const { status, body } = checksPage([good, { name: 'lag', reason: '90 s' }])
    expect(status).toBe(503)
    expect(JSON.parse(body)).toEqual({
      status: 'unavailable',
      checks: { log: { ok: true }, lag: { ok: false, reason: '90 s' } },
    })
  })
})

describe('an HTTP address', () => {
  it.each([
    ['9100', '127.0.0.1', 9100],
    ['0', '127.0.0.1', 0],
    ['0.0.0.0:9100', '0.0.0.0', 9100],
    ['localhost:80', 'localhost', 80],
    ['[::1]:80', '::1', 80],
  ])('is %s', (text, host, port) => {
    expect(parseHttpAddress(text)).toEqual({ host, port })
  })

  it.each(['', 'x', ':80', 'a b:80', '65536', '-1', '::1:80', 'http://a:1'])(
    'is not %j',
    (text) => {
      expect(() => parseHttpAddress(text)).toThrow(/neither PORT nor HOST:PORT/)
    },
  )
})
