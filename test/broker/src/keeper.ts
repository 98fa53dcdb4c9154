import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dockerBroker } from './docker-broker.ts'
import { isJavaReady } from './kafka-jars.ts'
import type { BrokerUse } from './java-node.ts'
import { javaBroker, type RunningBroker } from './java-broker.ts'

// A process of its own that keeps one broker for all who need it, and ends it when the last one is gone. Whoever is connected to the socket
// given as first argument needs it: so a test run that is killed lets go of it as well. The second argument is
// what the broker is for.

/** The next test file of a run connects within this time. */
const idleMsMax = 5000

const path = process.argv[2]!
const use = process.argv[3] as BrokerUse
const clients = new Set<Socket>()
let said: string | null = null
let broker: RunningBroker | null = null
let idle: NodeJS.Timeout | undefined

const main = async (): Promise<void> => {
  if (!(await listening())) return
  try {
    broker = await anyBroker()
    say({ brokers: broker.brokers })
    if (clients.size === 0) waitForClients()
    void broker.ended.then((error) => end({ error }))
  } catch (error) {
    await end({ error: error instanceof Error ? error.message : String(error) })
  }
}

/** False when another keeper is there already. */
const listening = async (): Promise<boolean> => {
  if (await listen()) return true
  if (await answers()) return false
  // Left behind by a keeper that was killed.
  rmSync(path, { force: true })
  return listen()
}

const listen = (): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer(welcome)
    server.on('error', () => resolve(false))
    server.listen(path, () => resolve(true))
  })

const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

const welcome = (socket: Socket): void => {
  clients.add(socket)
  clearTimeout(idle)
  socket.on('error', () => undefined)
  socket.on('close', () => {
    clients.delete(socket)
    if (clients.size === 0 && said !== null) waitForClients()
  })
  if (said !== null) socket.write(said)
}

const waitForClients = (): void => {
  clearTimeout(idle)
  idle = setTimeout(() => void end({ error: 'the broker was stopped' }), idleMsMax)
}

const anyBroker = async (): Promise<RunningBroker> => {
  const reasons: string[] = []
  try {
    return await dockerBroker()
  } catch (error) {
    reasons.push(`Docker: ${String(error)}`)
  }
  if (isJavaReady()) return javaBroker(use)
  reasons.push('Java: java, or mvn to fetch the broker with, is not installed')
  throw new Error(reasons.join('\n'))
}

const say = (
  message: { readonly brokers: readonly string[] } | { readonly error: string },
): void => {
  said = `${JSON.stringify(message)}\n`
  for (const socket of clients) socket.write(said)
}

const end = async (message: { readonly error: string }): Promise<void> => {
  // From here on a new client starts a keeper of its own.
  rmSync(path, { force: true })
  say(message)
  await broker?.stop()
  process.exit(0)
}

await main()
