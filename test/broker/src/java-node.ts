import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from './kafka-jars.ts'
import { opened } from './ports.ts'
import { untilStdinEnds } from './until-stdin-ends.ts'

/** A folder that was formatted for one node of a cluster; the node may be started in it again and again. */
export type NodeFolder = {
  readonly path: string
  /** Of the first listener: the node has started when it is open. */
  readonly port: number
  readonly heapMb: number
  readonly use?: BrokerUse
}

/** `tests` want a broker that is there soon and small, `benches` one that runs as in production: all of the compiler, G1. */
export type BrokerUse = 'tests' | 'benches'

/** One node at work. */
export type JavaNode = {
  /** Of the broker itself. */
  readonly pid: number
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void
  /** Resolves when it has ended, however: with what it said last. */
  readonly ended: Promise<string>
}

const startMsMax = 60_000

/** Writes the settings and formats the folder. All nodes of a cluster have the same `clusterId`. */
export const formatNode = async (
  path: string,
  clusterId: string,
  settings: string,
): Promise<void> => {
  mkdirSync(path, { recursive: true })
  const file = settingsFile(path)
  writeFileSync(file, `${settings}\nlog.dirs=${join(path, 'data')}\n`)
  const jars = join(await kafkaJars(), '*')
  // In one word: an id that begins with a dash would be taken for an option.
  const format = [
    '-cp',
    jars,
    'kafka.tools.StorageTool',
    'format',
    `--cluster-id=${clusterId}`,
    '-c',
    file,
  ]
  await promisify(execFile)('java', format)
}

/** Starts the node and waits for its port. It is killed when this process ends, however that ends. */
export const startNode = async ({
  path,
  port,
  heapMb,
  use = 'tests',
}: NodeFolder): Promise<JavaNode> => {
  const jars = join(await kafkaJars(), '*')
  const logFile = join(path, 'broker.log')
  const memory = [`-Xms${heapMb / 2}m`, `-Xmx${heapMb}m`]
  const soon = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const options = [...memory, ...(use === 'tests' ? soon : ['-XX:+UseG1GC'])]
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  const command = ['java', ...options, log, '-cp', jars, 'kafka.Kafka', settingsFile(path)]
  const child = spawn('sh', ['-c', untilStdinEnds('KILL'), 'broker', logFile, ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    // Lets go of whoever watches it.
    child.stdin.destroy()
    const said = readFileSync(logFile, 'utf8').slice(-4000)
    return `the broker ended with ${code ?? 'a signal'}:\n${said}`
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const node: JavaNode = {
    pid,
    ended,
    signal: (signal) => {
      if (!isOver) process.kill(pid, signal)
    },
  }
  const early = await Promise.race([opened(port, startMsMax), ended])
  if (early === true) return node
  node.signal('SIGKILL')
  throw new Error(early === false ? `no broker on port ${port} within ${startMsMax} ms` : early)
}

const settingsFile = (path: string): string => join(path, 'server.properties')
