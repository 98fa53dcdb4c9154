import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { brokerFolder, clusterId } from './java-broker.ts'
import { formatNode, startNode, type JavaNode } from './java-node.ts'
import { freePorts } from './ports.ts'
import { serverProperties, type NodeListeners } from './server-properties.ts'

/** Brokers of one's own, to be broken. Needs Java. */
export type Cluster = {
  readonly nodes: readonly ClusterNode[]
  /** Addresses that lead straight to the brokers. */
  readonly brokers: readonly string[]
  /** Addresses that lead to whoever listens at the nodes' `proxy.listenPort`, and to nobody else from there on. */
  readonly proxied: readonly string[]
  readonly stop: () => Promise<void>
}

/** One broker and controller. It keeps its folder and ports over all its lives. */
export type ClusterNode = {
  readonly id: number
  readonly address: string
  /** Clients who come by `listenPort` are told nothing but the listen ports of all nodes; `targetPort` is where they must end. */
  readonly proxy: { readonly listenPort: number; readonly targetPort: number }
  readonly state: () => 'running' | 'paused' | 'down'
  readonly kill: () => Promise<void>
  /** SIGTERM: leaders move away first. Killed when that takes too long. */
  readonly stop: () => Promise<void>
  readonly pause: () => void
  readonly resume: () => void
  /** After `kill` or `stop`. */
  readonly start: () => Promise<void>
}

export type ClusterOptions = {
  readonly heapMb?: number
  /** Beside those that every test broker has, or in their place. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
}

const stopMsMax = 20_000
const portsPerNode = 4

/**
 * Starts a cluster of `size` nodes on free loopback ports. Topics get as many replicas as there are nodes, at most three, and writes need
 * all of them but one. A node that is silent counts as dead after 3 s rather than 9 s, so that faults can be short.
 */
export const startCluster = async (
  size: number,
  options: ClusterOptions = {},
): Promise<Cluster> => {
  const ports = await freePorts(size * portsPerNode)
  const plans = Array.from({ length: size }, (_, i) => planOf(ports.slice(i * portsPerNode)))
  const path = brokerFolder()
  const id = clusterId()
  const settings = { ...quickToNotice, ...options.settings }
  const folders = plans.map((plan, i) => ({
    path: join(path, String(i + 1)),
    port: plan.listeners.DIRECT.port,
    heapMb: options.heapMb ?? 256,
  }))
  await Promise.all(
    folders.map((folder, i) =>
      formatNode(folder.path, id, serverProperties(i + 1, plans, settings)),
    ),
  )
  const nodes = plans.map(({ listeners }, i) => {
    const { DIRECT, PROXIED } = listeners
    const proxy = { listenPort: PROXIED.advertised, targetPort: PROXIED.port }
    const lives = livesOf(() => startNode(folders[i]!))
    return { id: i + 1, address: `127.0.0.1:${DIRECT.port}`, proxy, ...lives }
  })
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()))
    rmSync(path, { recursive: true, force: true })
  }
  const started = await Promise.allSettled(nodes.map((node) => node.start()))
  const failed = started.find((start) => start.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return {
    nodes,
    brokers: nodes.map(({ address }) => address),
    proxied: nodes.map(({ proxy }) => `127.0.0.1:${proxy.listenPort}`),
    stop,
  }
}

type Plan = NodeListeners & {
  readonly listeners: Readonly<
    Record<'DIRECT' | 'PROXIED', { readonly port: number; readonly advertised: number }>
  >
}

const planOf = (ports: readonly number[]): Plan => {
  const [direct, behindProxy, proxy, controllerPort] = ports as [number, number, number, number]
  return {
    listeners: {
      DIRECT: { port: direct, advertised: direct },
      PROXIED: { port: behindProxy, advertised: proxy },
    },
    controllerPort,
  }
}

const quickToNotice = {
  'broker.session.timeout.ms': 3000,
  'broker.heartbeat.interval.ms': 500,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
  // How long a broker waits for another one: a transaction that ended is not settled before its markers were answered, or given up.
  'request.timeout.ms': 5000,
  // A node that comes back gets its partitions back soon: leaders move while all are well, too.
  'leader.imbalance.check.interval.seconds': 5,
}

type Lives = Pick<ClusterNode, 'state' | 'kill' | 'stop' | 'pause' | 'resume' | 'start'>

const livesOf = (begin: () => Promise<JavaNode>): Lives => {
  let node: JavaNode | null = null
  let isPaused = false
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (node === null) return
    const ending = node
    ending.signal(signal)
    if (isPaused && signal === 'SIGTERM') ending.signal('SIGCONT')
    const patience = new AbortController()
    const late = setTimeout(stopMsMax, null, { signal: patience.signal }).then(
      () => ending.signal('SIGKILL'),
      () => undefined,
    )
    await Promise.race([ending.ended, late])
    await ending.ended
    patience.abort()
    node = null
    isPaused = false
  }
  return {
    state: () => (node === null ? 'down' : isPaused ? 'paused' : 'running'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pause: () => {
      node?.signal('SIGSTOP')
      isPaused = node !== null
    },
    resume: () => {
      node?.signal('SIGCONT')
      isPaused = false
    },
    start: async () => {
      if (node !== null) throw new Error('the node is at work already')
      node = await begin()
    },
  }
}
