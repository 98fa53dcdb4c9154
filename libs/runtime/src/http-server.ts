import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpAddress } from './http-address.ts'

/** What a path answers with. */
export type Page = { readonly status: number; readonly contentType: string; readonly body: string }

/** By path. */
export type Pages = ReadonlyMap<string, () => Page | Promise<Page>>

export type HttpServer = {
  /** With the port that it got. */
  readonly address: HttpAddress
  /** Ends every connection at once: what it told is told again by the process that follows. */
  readonly close: () => Promise<void>
}

/** Anybody who reaches the port may ask: little is read, kept or waited for. */
export const httpLimits = {
  headersTimeoutMs: 5000,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 5000,
  pageTimeoutMs: 5000,
  headerBytesMax: 8192,
  connectionsMax: 64,
}
export type HttpLimits = Readonly<typeof httpLimits>

/** Answers GET and HEAD on a closed set of paths. Rejects when the address is taken or not this machine's. */
export const serveHttp = async (
  { host, port }: HttpAddress,
  pages: Pages,
  limits: HttpLimits = httpLimits,
): Promise<HttpServer> => {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
      maxHeaderSize: limits.headerBytesMax,
    },
    (request, response) => void answer(pages, limits.pageTimeoutMs, request, response),
  )
  server.maxConnections = limits.connectionsMax
  server.setTimeout(limits.requestTimeoutMs)
  await listen(server, host, port)
  const { port: bound } = server.address() as AddressInfo
  return {
    address: { host, port: bound },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      // A connection that fails is its client's trouble.
      server.on('error', () => undefined)
      resolve()
    })
  })

const answer = async (
  pages: Pages,
  pageTimeoutMs: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { method = '', url = '' } = request
  const page = pages.get(url.split('?', 1)[0]!)
  if (page === undefined) {
    send(response, method, plain(404, `${[...pages.keys()].join(', ')} are here\n`))
    return
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    send(response, method, plain(405, 'GET and HEAD only\n'))
    return
  }
  send(response, method, await withinDeadline(page, pageTimeoutMs))
}

/** A body that nobody reads would keep its connection; so the connection ends with the answer. */
const send = (response: ServerResponse, method: string, { status, contentType, body }: Page) => {
  const { headers } = response.req
  const hasBody = 'content-length' in headers || 'transfer-encoding' in headers
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(hasBody && { connection: 'close' }),
  })
  response.end(method === 'HEAD' ? undefined : body)
}

const withinDeadline = async (
  page: () => Page | Promise<Page>,
  timeoutMs: number,
): Promise<Page> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Page>((resolve) => {
    timer = setTimeout(() => {
      resolve(plain(503, 'no answer in time\n'))
    }, timeoutMs)
  })
  try {
    return await Promise.race([Promise.resolve().then(page), late])
  } catch {
    return plain(500, 'failed\n')
  } finally {
    clearTimeout(timer)
  }
}

const plain = (status: number, body: string): Page => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
})
