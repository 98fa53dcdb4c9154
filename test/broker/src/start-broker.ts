import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { BrokerUse } from './java-node.ts'
import { repositoryRoot } from './kafka-jars.ts'

export type TestBroker = {
  readonly brokers: readonly string[]
  /** Lets go of it; it ends soon after the last one did. */
  readonly stop: () => void
}

/** Enough for Maven to fetch the jars, the first time. */
export const startMsMax = 6 * 60_000

/**
 * A real broker: that of KAFKA_BROKERS, or one that all test processes of this checkout share. It is started by the first one that asks,
 * by Docker or by Java, and ends when nobody is connected to its keeper any more. Tests keep apart by topic prefixes; benches have one of their
 * own.
 */
export const startBroker = async (use: BrokerUse = 'tests'): Promise<TestBroker> => {
  const given = process.env.KAFKA_BROKERS
  if (given !== undefined && given !== '')
    return { brokers: given.split(','), stop: () => undefined }
  const endMs = performance.now() + startMsMax
  while (performance.now() < endMs) {
    const path = socketPath(use)
    const socket = (await connected(path)) ?? (await keeperStarted(path, use))
    if (socket === null) continue
    const message = await firstLine(socket)
    // The keeper ended in the moment in which we came.
    if (message === null) continue
    const { brokers, error } = JSON.parse(message) as Partial<Record<string, string[]>>
    if (brokers !== undefined) {
      // A test that forgets to let go must not keep its process from ending.
      socket.unref()
      return { brokers, stop: () => socket.destroy() }
    }
    socket.destroy()
    if (String(error) !== 'the broker was stopped') throw new Error(`no broker: ${String(error)}`)
  }
  throw new Error(`no broker within ${startMsMax} ms`)
}

/** One for each checkout, user, scope and use. Short: the path of a socket has at most some 100 characters. */
const socketPath = (use: BrokerUse): string => {
  const scope = process.env.TIDEMARK_BROKER_SCOPE ?? ''
  const owner = [repositoryRoot, userInfo().uid, scope, use].join('\n')
  const name = createHash('sha256').update(owner).digest('hex').slice(0, 12)
  return join(tmpdir(), `tidemark-broker-${name}.sock`)
}

const connected = (path: string): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => resolve(socket))
    // Also when its keeper is killed later: who needs the broker will notice.
    socket.on('error', () => resolve(null))
  })

const keeperStarted = async (path: string, use: BrokerUse): Promise<Socket | null> => {
  const keeper = join(import.meta.dirname, './keeper.ts')
  spawn(process.execPath, [keeper, path, use], { detached: true, stdio: 'ignore' }).unref()
  for (let tries = 0; tries < 100; tries++) {
    await setTimeout(50)
    const socket = await connected(path)
    if (socket !== null) return socket
  }
  return null
}

const firstLine = (socket: Socket): Promise<string | null> =>
  new Promise((resolve) => {
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString()
      if (received.includes('\n')) resolve(received)
    })
    socket.once('close', () => resolve(null))
  })
