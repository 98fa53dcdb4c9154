import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatNode, startNode, type BrokerUse } from './java-node.ts'
import { freePorts } from './ports.ts'
import { serverProperties } from './server-properties.ts'

export type RunningBroker = {
  readonly brokers: readonly string[]
  readonly stop: () => Promise<void>
  /** Resolves when the broker ends by itself. */
  readonly ended: Promise<string>
}

/** One KRaft node in a folder of its own, on free ports of the loopback interface. */
export const javaBroker = async (use: BrokerUse): Promise<RunningBroker> => {
  const [port, controllerPort] = (await freePorts(2)) as [number, number]
  const path = brokerFolder()
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  try {
    const listeners = { listeners: { PLAINTEXT: { port, advertised: port } }, controllerPort }
    await formatNode(path, clusterId(), serverProperties(1, [listeners]))
    const node = await startNode({ path, port, heapMb: use === 'tests' ? 512 : 1024, use })
    const stop = async (): Promise<void> => {
      node.signal('SIGKILL')
      await node.ended
      remove()
    }
    return { brokers: [`127.0.0.1:${port}`], stop, ended: node.ended }
  } catch (error) {
    remove()
    throw error
  }
}

export const clusterId = (): string => randomBytes(16).toString('base64url')

const folderPrefix = 'tidemark-kafka-'
const staleMs = 24 * 3600_000

/** A new folder for brokers. Those that were left behind, because their keeper was killed, go. */
export const brokerFolder = (): string => {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue
    const path = join(tmpdir(), name)
    if (Date.now() - statSync(path).mtimeMs > staleMs)
      rmSync(path, { recursive: true, force: true })
  }
  return mkdtempSync(join(tmpdir(), folderPrefix))
}
