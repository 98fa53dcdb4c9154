import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { kafkaJars } from './kafka-jars.ts'

export type RunningBroker = {
  readonly brokers: readonly string[]
  readonly stop: () => Promise<void>
  /** Resolves when the broker ends by itself. */
  readonly ended: Promise<string>
}

const startMsMax = 60_000

/** One KRaft node in a folder of its own, on free ports of the loopback interface. */
export const javaBroker = async (): Promise<RunningBroker> => {
  const jars = join(await kafkaJars(), '*')
  const [port, controllerPort] = await freePorts(2)
  removeStale()
  const dir = mkdtempSync(join(tmpdir(), folderPrefix))
  const settings = join(dir, 'server.properties')
  writeFileSync(settings, serverProperties(dir, port!, controllerPort!))
  const id = randomBytes(16).toString('base64url')
  const format = ['-cp', jars, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings]
  await promisify(execFile)('java', format)
  const logFile = join(dir, 'broker.log')
  const log = openSync(logFile, 'w')
  const options = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const logging = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  const command = ['java', ...options, logging, '-cp', jars, 'kafka.Kafka', settings]
  const child = spawn('sh', ['-c', untilStdinEnds, 'broker', ...command], {
    stdio: ['pipe', log, log],
  })
  closeSync(log)
  const ended = new Promise<string>((resolve) => {
    child.on('close', (code) => {
      resolve(
        `the broker ended with ${code ?? 'a signal'}:\n${readFileSync(logFile, 'utf8').slice(-4000)}`,
      )
    })
  })
  const stop = async (): Promise<void> => {
    child.stdin?.end()
    await ended
    rmSync(dir, { recursive: true, force: true })
  }
  const started = opened(port!)
  const early = await Promise.race([started, ended])
  if (early !== true) {
    await stop()
    throw new Error(early === false ? `no broker on port ${port} within ${startMsMax} ms` : early)
  }
  return { brokers: [`127.0.0.1:${port}`], stop, ended }
}

const folderPrefix = 'tidemark-kafka-'
const staleMs = 24 * 3600_000

/** Folders that were left behind because their keeper was killed. */
const removeStale = (): void => {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue
    const path = join(tmpdir(), name)
    if (Date.now() - statSync(path).mtimeMs > staleMs)
      rmSync(path, { recursive: true, force: true })
  }
}

/** Kills the command when its standard input ends, and so when this process dies, however it dies. */
const untilStdinEnds = `
exec 3<&0
"$@" </dev/null 3<&- & command=$!
( cat <&3 >/dev/null; kill -9 $command ) & watch=$!
exec 3<&-
wait $command
status=$?
kill $watch 2>/dev/null
exit $status
`

const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(
    servers.map(
      (server) => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)),
    ),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}

const opened = async (port: number): Promise<boolean> => {
  const endMs = performance.now() + startMsMax
  while (performance.now() < endMs) {
    if (await accepts(port)) return true
    await setTimeout(50)
  }
  return false
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

const serverProperties = (dir: string, port: number, controllerPort: number): string => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${join(dir, 'data')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=false
`
