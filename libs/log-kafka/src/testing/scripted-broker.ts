import { invariant } from '@tidemark/model'
import { EventEmitter, once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { answerReader, int32 } from '../protocol-bytes.ts'
import {
  answers,
  kinds,
  type ApiKey,
  type Asked,
  type Fate,
  type Kind,
  type Node,
  type Scripted,
} from './scripted-answers.ts'

/**
 * A broker, of one node unless told otherwise, that says what it is told to: to see what a writer asks, in which order, and what it makes of
 * answers that a real broker gives once in a while. It knows the requests of a transaction and of a member, and keeps no records. One node
 * leads everything and coordinates everybody: the first one, to begin with.
 */
export type ScriptedBroker = {
  /** Of the first node. */
  readonly address: string
  readonly addresses: readonly string[]
  /** What was asked, in order; the requests that only look for brokers are left out. */
  readonly asked: readonly Asked[]
  /** Kinds of those that only look for brokers, in order. */
  readonly searched: readonly Kind[]
  /** The next request of this kind meets a fate; several in their order. */
  readonly next: (kind: Kind, fate: Fate) => void
  /** Resolves when a request of this kind has come. */
  readonly heard: (kind: Kind) => Promise<void>
  /** The largest number of batches for one partition that were on their way at once. */
  readonly mostAtOnce: () => number
  /** All that a node was asked, answered or not. */
  readonly questions: (node: number) => readonly Kind[]
  /** A node goes on taking connections, by its machine's kernel, and says nothing on them. */
  readonly freeze: (node: number) => void
  readonly thaw: (node: number) => void
  /** The cluster takes a node for dead: metadata name it no more, and another one has its part. */
  readonly bury: (node: number) => void
  readonly close: () => Promise<void>
}

/** Long enough for a second batch to come up while the first one is on its way. */
const produceMs = 5

export const startScriptedBroker = async (size = 1): Promise<ScriptedBroker> => {
  const sockets = new Set<Socket>()
  const servers = Array.from({ length: size }, (_, i) =>
    createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on(
        'data',
        framesOf((frame) => answer(scripted, scripted.nodes[i]!, socket, frame)),
      )
    }).listen(0, '127.0.0.1'),
  )
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const scripted: Scripted = {
    asked: [],
    searched: [],
    fates: new Map(),
    arrivals: new EventEmitter(),
    underWay: new Map(),
    ends: new Map(),
    nodes: servers.map((server, i) => ({
      ...{ id: i + 1, port: (server.address() as AddressInfo).port },
      ...{ questions: [], state: 'well', isBuried: false },
    })),
    epoch: -1,
    most: 0,
  }
  const { nodes } = scripted
  const nodeOf = (id: number): Node => nodes[id - 1]!
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  return {
    ...{ address: addresses[0]!, addresses },
    asked: scripted.asked,
    searched: scripted.searched,
    next: (kind, fate) =>
      void scripted.fates.set(kind, [...(scripted.fates.get(kind) ?? []), fate]),
    heard: async (kind) => {
      if (!scripted.asked.some((each) => each.kind === kind)) await once(scripted.arrivals, kind)
    },
    mostAtOnce: () => scripted.most,
    questions: (node) => nodeOf(node).questions,
    freeze: (node) => {
      nodeOf(node).state = 'frozen'
    },
    thaw: (node) => {
      nodeOf(node).state = 'well'
    },
    bury: (node) => {
      nodeOf(node).isBuried = true
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      for (const server of servers) {
        server.close()
        await once(server, 'close')
      }
    },
  }
}

const framesOf = (take: (frame: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      take(rest.subarray(4, end))
      rest = rest.subarray(end)
    }
  }
}

const answer = (scripted: Scripted, node: Node, socket: Socket, frame: Buffer): void => {
  const reader = answerReader(frame)
  const apiKey = reader.int16() as ApiKey
  reader.int16()
  const correlationId = reader.int32()
  reader.string()
  const kind = kinds[apiKey]
  invariant(kind !== undefined, `scripted broker: no answer to requests of kind ${apiKey}`)
  node.questions.push(kind)
  if (node.state === 'frozen') {
    scripted.arrivals.emit(kind)
    return
  }
  const { what, body } = answers[kind](scripted, reader, frame)
  const isSearch = ['ApiVersions', 'Metadata', 'FindCoordinator', 'ListOffsets'].includes(kind)
  if (isSearch) scripted.searched.push(kind)
  else {
    scripted.asked.push({ kind, what })
    scripted.arrivals.emit(kind)
  }
  const fate = scripted.fates.get(kind)?.shift() ?? 0
  if (fate === 'silence') return
  if (fate === 'cut') {
    socket.destroy()
    return
  }
  const send = (): void => {
    const payload = Buffer.concat([int32(correlationId), body(fate === 'half' ? 0 : fate)])
    if (socket.destroyed) return
    const bytes = Buffer.concat([int32(payload.length), payload])
    if (fate === 'half') socket.end(bytes.subarray(0, bytes.length / 2))
    else socket.write(bytes)
  }
  if (kind !== 'Produce') {
    send()
    return
  }
  const [partition] = what.split(' ')
  const count = (scripted.underWay.get(partition!) ?? 0) + 1
  scripted.underWay.set(partition!, count)
  scripted.most = Math.max(scripted.most, count)
  setTimeout(() => {
    scripted.underWay.set(partition!, scripted.underWay.get(partition!)! - 1)
    send()
  }, produceMs)
}
