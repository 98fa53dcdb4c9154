import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision } from '@tidemark/assembly'
import { startCluster, type Cluster } from '@tidemark/broker'
import type { Log } from '@tidemark/log'
import { openKafkaLog } from '@tidemark/log-kafka'
import { defaultLayout, topicNames, type Layout } from '@tidemark/model'
import { randomOf, type Random } from '@tidemark/replay'
import { clusterView, type ClusterView } from './cluster-view.ts'
import type { WorkerSpec } from './crashing.ts'
import { startFleet, type Fleet } from './fleet.ts'
import { startLoad, type Load } from './load.ts'
import type { ProcessorName } from './progress.ts'
import { faults, type Faults } from './proxy/faults.ts'
import { openProxy, type Proxy } from './proxy/proxy.ts'
import { crashFault, type Tally } from './tally.ts'

/** A cluster with a proxy before each broker, processors, a producer; and what is done to them. */
export type World = {
  readonly layout: Layout
  readonly cluster: Cluster
  readonly view: ClusterView
  readonly faults: Faults
  readonly fleet: Fleet
  readonly load: Load
  readonly random: Random
  readonly tally: Tally
  /** Straight to the brokers. */
  readonly log: Log
  /** Where the lives of workers that begin from now on die. */
  readonly crashing: { plan: (processor: ProcessorName) => WorkerSpec['crash'] }
  readonly files: { readonly folder: string; readonly journal: string; readonly store: string }
  /** Workers that ended with an error of their own, and why. */
  readonly gaveUp: readonly string[]
  readonly note: (line: string) => void
  readonly close: () => Promise<void>
}

export const sessionTimeoutMs = 3000
const commitIntervalMs = 50
const fleetPlan: readonly ProcessorName[] = [
  ...(['aggregator', 'aggregator', 'evaluator', 'evaluator', 'reporter', 'sink', 'sink'] as const),
]
const second = 1_000_000

export const chaosLayout: Layout = {
  ...defaultLayout,
  prefix: 'chaos.',
  partitions: 3,
  // Short windows, so that many of them close between two faults.
  windowUs: second,
  graceUs: second,
  tickIntervalMs: 500,
}

export type WorldOptions = {
  readonly seed: number
  readonly tally: Tally
  readonly note: (line: string) => void
}

export const openWorld = async ({ seed, tally, note }: WorldOptions): Promise<World> => {
  const layout = chaosLayout
  const { prefix } = layout
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-chaos-'))
  const files = {
    folder,
    journal: join(folder, 'journal.ndjson'),
    store: join(folder, 'store.sqlite'),
  }
  const cluster = await startCluster(3, { settings: { 'group.min.session.timeout.ms': 1000 } })
  const injected = faults()
  const proxies: Proxy[] = []
  const closing: (() => Promise<void>)[] = [
    cluster.stop,
    async () => rmSync(folder, { recursive: true, force: true }),
  ]
  const close = async (): Promise<void> => {
    for (const end of closing) await end()
  }
  try {
    for (const { proxy } of cluster.nodes) proxies.push(await openProxy(proxy, injected))
    closing.unshift(async () => {
      for (const proxy of proxies) await proxy.close()
    })
    const log = await openKafkaLog({ brokers: cluster.brokers, prefix, clientId: 'watch' })
    closing.unshift(() => log.close())
    await provision(log, layout)
    const view = clusterView(
      cluster.nodes,
      topicNames.map((topic) => prefix + topic),
    )
    const gaveUp: string[] = []
    const crashing: World['crashing'] = { plan: () => null }
    const fleet = startFleet(
      fleetPlan.map((processor) => ({
        ...{ processor, commitIntervalMs, store: files.store },
        log: { kind: 'kafka', brokers: cluster.proxied, prefix, sessionTimeoutMs } as const,
      })),
      {
        nextCrash: (processor) => crashing.plan(processor),
        crashed: (_processor, at) => tally.count(crashFault(at)),
        gaveUp: (worker, complaint) => {
          gaveUp.push(`${worker} ${complaint}`)
          note(`${worker} ${complaint}`)
        },
        trouble: (worker, what) => note(`${worker}: ${what}`),
      },
    )
    closing.unshift(() => fleet.abandon())
    const { journal } = files
    const load = startLoad({ brokers: cluster.proxied, prefix, journal, seed, rate: loadRate })
    closing.unshift(() => load.abandon())
    return {
      ...{ layout, cluster, view, fleet, load, tally, log, crashing, files, gaveUp, note, close },
      faults: injected,
      random: randomOf(seed),
    }
  } catch (error) {
    await close()
    throw error
  }
}

const loadRate = 1
