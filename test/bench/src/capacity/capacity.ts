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
  brokersMin: 3,
  services: 10_000,
  sessionMs: 10_000,
  /** A process without any state. */
  processBytes: 150_000_000,
  /** A table of ids holds 16 bytes for each, and twice that when it has just grown. */
  bytesPerId: 32,
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
  readonly brokers: number
  readonly diskBytes: number
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
  { kind, aggregatorCpuNsPerEvent, logBytesPerEvent, idsPerEvent }: KindFigures,
  eventsPerSecond: number,
): Capacity => {
  const { utilisation, utilisationOfSurvivors, replicas, retentionDays, sessionMs } = assumptions
  const cores = (eventsPerSecond * aggregatorCpuNsPerEvent) / 1e9
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
  const restoreMs = (tasksPerSurvivor * reread * aggregatorCpuNsPerEvent) / 1e6
  const takeoverMs = sessionMs + sessionMs / 6 + restoreMs
  const busy = cores / (processes - 1)
  return {
    ...{ kind, eventsPerSecond, cores, processes, partitions, bytesPerSecond },
    clusterBytesInPerSecond,
    // To the other replicas, and to the aggregators.
    clusterBytesOutPerSecond: (replicas - 1 + 1) * bytesPerSecond,
    brokers: Math.max(
      assumptions.brokersMin,
      Math.ceil(clusterBytesInPerSecond / assumptions.brokerBytesInPerSecond),
    ),
    diskBytes: (clusterBytesInPerSecond * retentionDays * dayMs) / 1000,
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
    evaluatorCores: (services * figures.evaluatorCpuUsPerServiceWindow) / 1e6 / perWindow,
    checkpointBytes: services * figures.evaluatorStateBytesPerService,
    checkpointBytesPerSecond: (services * figures.evaluatorStateBytesPerService) / stateSeconds,
  }
}
