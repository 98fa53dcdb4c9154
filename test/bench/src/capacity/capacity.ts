import { defaultLayout } from '@tidemark/model'
import type { Figures, KindFigures } from './figures.ts'

/** What is decided, not measured. */
export const assumptions = {
  /** Of a core, at most: what is left catches up after a takeover, and pays for bursts. */
  utilisation: 0.5,
  /** The same while one process is gone. */
  utilisationOfSurvivors: 0.75,
  replicas: 3,
  retentionDays: 7,
  /** What a broker takes in, from producers and from other brokers, day in, day out. */
  brokerBytesInPerSecond: 250_000_000,
  /** What a broker keeps: some seven NVMe disks of 8 TB. */
  brokerDiskBytes: 50e12,
  brokersMin: 3,
  /** With a commit a second: what a transaction of one task asks of the brokers. */
  requestsPerCommit: 5,
  sessionMs: 10_000,
  /** A process without any state. */
  processBytes: 150_000_000,
  /** A set of ids holds 28 bytes for each, slots and owners included, and twice that when it has just grown. */
  bytesPerId: 56,
  evaluatorWindowsPerState: 60,
} as const

export type Capacity = {
  readonly kind: KindFigures['kind']
  readonly eventsPerSecond: number
  readonly cores: number
  readonly processes: number
  readonly partitions: number
  readonly bytesPerSecond: number
  readonly clusterBytesInPerSecond: number
  readonly clusterBytesOutPerSecond: number
  /** For the bytes that come in, for those that are kept, and the larger of both. */
  readonly brokersForBytes: number
  readonly brokersForDisk: number
  readonly brokers: number
  readonly diskBytes: number
  readonly commitRequestsPerSecond: number
  readonly processBytes: number
  readonly restoreMs: number
  readonly takeoverMs: number
  readonly caughtUpMs: number
}

const { windowUs, graceUs, limits } = defaultLayout
/** How far back an open window reaches. */
const openSeconds = (windowUs + graceUs) / 1e6
const dayMs = 86_400_000

/** Partitions come in powers of two. */
const powerOfTwo = (atLeast: number): number => 2 ** Math.ceil(Math.log2(atLeast))

export const capacityOf = (
  { kind, aggregatorCpuNsPerEvent: { value: cpuNs }, logBytesPerEvent, idsPerEvent }: KindFigures,
  eventsPerSecond: number,
): Capacity => {
  const { utilisation, utilisationOfSurvivors, replicas, retentionDays, sessionMs } = assumptions
  const cores = (eventsPerSecond * cpuNs) / 1e9
  const processes = Math.max(
    Math.ceil(cores / utilisation),
    Math.ceil(cores / utilisationOfSurvivors) + 1,
  )
  const idsPerSecondMax = limits.identitiesPerWindow / (windowUs / 1e6)
  const forIds = (eventsPerSecond * idsPerEvent) / (idsPerSecondMax * utilisation)
  // Four each, so that those of a process that is gone fall to several.
  const partitions = powerOfTwo(Math.max(4 * processes, forIds))
  const bytesPerSecond = eventsPerSecond * logBytesPerEvent
  const clusterBytesInPerSecond = replicas * bytesPerSecond
  const openIds = (eventsPerSecond / processes) * openSeconds * idsPerEvent
  // The events of open windows are placed again, those of all tasks: after a rebalance every member restores what it has.
  const reread = Math.min((eventsPerSecond / partitions) * openSeconds, limits.restoreBudgetEvents)
  const tasksPerSurvivor = Math.ceil(partitions / (processes - 1))
  const restoreMs = (tasksPerSurvivor * reread * cpuNs) / 1e6
  const takeoverMs = sessionMs + sessionMs / 6 + restoreMs
  const busy = cores / (processes - 1)
  const diskBytes = (clusterBytesInPerSecond * retentionDays * dayMs) / 1000
  const brokersForBytes = Math.ceil(clusterBytesInPerSecond / assumptions.brokerBytesInPerSecond)
  const brokersForDisk = Math.ceil(diskBytes / assumptions.brokerDiskBytes)
  return {
    ...{ kind, eventsPerSecond, cores, processes, partitions, bytesPerSecond },
    clusterBytesInPerSecond,
    // To the other replicas, and to the aggregators.
    clusterBytesOutPerSecond: (replicas - 1 + 1) * bytesPerSecond,
    ...{ brokersForBytes, brokersForDisk, diskBytes },
    brokers: Math.max(assumptions.brokersMin, brokersForBytes, brokersForDisk),
    commitRequestsPerSecond: partitions * assumptions.requestsPerCommit,
    processBytes: assumptions.processBytes + openIds * assumptions.bytesPerId,
    restoreMs,
    takeoverMs,
    // What has come meanwhile is worked off by what the survivors have left.
    caughtUpMs: takeoverMs / (1 - busy),
  }
}

/** What does not depend on events but on services: derived topics, checkpoints, evaluators. */
export const capacityOfServices = (figures: Figures, services: number) => {
  const perWindow = windowUs / 1e6
  const stateSeconds = assumptions.evaluatorWindowsPerState * perWindow
  return {
    services,
    derivedBytesPerSecond: (services * figures.derivedBytesPerServiceWindow) / perWindow,
    evaluatorCores: (services * figures.evaluatorCpuUsPerServiceWindow.value) / 1e6 / perWindow,
    storeRowsPerSecond: (services * figures.storeRowsPerServiceWindow) / perWindow,
    checkpointBytes: services * figures.evaluatorStateBytesPerService,
    checkpointBytesPerSecond: (services * figures.evaluatorStateBytesPerService) / stateSeconds,
  }
}
