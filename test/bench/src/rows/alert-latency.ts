import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect, provision, type Address } from '@tidemark/assembly'
import { startBroker } from '@tidemark/broker'
import type { Log } from '@tidemark/log'
import { openKafkaLog } from '@tidemark/log-kafka'
import {
  defaultConfiguration,
  defaultLayout,
  defaultRuleFields,
  type Layout,
} from '@tidemark/model'
import type { Faults } from '../faults.ts'
import { follow } from '../following.ts'
import { ownProcess } from '../harness/own-process.ts'
import type { Promised, Row, Run, Setting } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { deleteTopics } from '../kafka/delete-topics.ts'
import type { Loading } from '../processes/loading.ts'
import { countedBy, provisioned } from '../provisioned.ts'
import { startStandalone } from '../standalone.ts'

// How long after the end of a window an alert about it can be read, at half of the load that everything in one process and whoever sends it can
// sustain together on the machine. Services fail in turn, so that every window raises some.

const faults: Faults = { services: 192, windowMs: 2000, cycleWindows: 12, failingWindows: 2 }
const graceMs = 1000
const commitMs = 200
const spareMs = 250
const backlogSeconds = 6
const peakSeconds = 8
const runSeconds = 12
/** From one look at the ledger to the next: on Kafka it takes a read of checkpoints. */
const lookMs = 250
const settleMs = 3000
const alertsMin = 40
/** Of the rate that was asked for, what must have been sent. */
const keptShareMin = 0.98
const tickMs = defaultLayout.tickIntervalMs
const latencyMsMax = graceMs + tickMs + 2 * commitMs + spareMs

const layoutOf = (prefix: string): Layout => ({
  ...defaultLayout,
  prefix,
  windowUs: faults.windowMs * 1000,
  graceUs: graceMs * 1000,
  configuration: {
    ...defaultConfiguration,
    horizonUs: faults.windowMs * 1000,
    requestsMin: 1,
    rules: [
      {
        ...defaultRuleFields,
        ...{ kind: 'threshold', id: 'errors', severity: 'critical' },
        ...{ signal: 'error_rate', operator: '>', value: 500_000 },
      },
    ],
    inhibition: [],
  },
})

const { partitions } = defaultLayout

const load = (of: Omit<Loading, 'partitions' | 'faults'>): Promise<Run> =>
  ownProcess({
    script: '../processes/loading.ts',
    args: [JSON.stringify({ ...of, partitions, faults })],
  })

/** Events per second of a backlog of `events`, without the first third, in which code is still cold. */
const workedOffAlone = async (log: Log, events: number): Promise<number> => {
  let first: { readonly ms: number; readonly counted: number } | null = null
  for (;;) {
    const counted = await countedBy(log, partitions)
    const ms = performance.now()
    if (counted > events / 3) first ??= { ms, counted }
    if (first !== null && counted === events && ms > first.ms)
      return (1000 * (events - first.counted)) / (ms - first.ms)
    await setTimeout(lookMs)
  }
}

/** Time from the end of the window to when a consumer could read the alert, of all that are raised until the signal aborts. */
const raisedIn = async (log: Log, signal: AbortSignal): Promise<readonly number[]> => {
  const latencies: number[] = []
  await follow(
    log,
    'alerts',
    (event, seenMs) => {
      if (event.type === 'AlertRaised') latencies.push(seenMs - event.windowEndUs / 1000)
    },
    signal,
  )
  return latencies.sort((a, b) => a - b)
}

const watched = async (log: Log, rate: number, loaded: () => Promise<Run>): Promise<Run> => {
  const stop = new AbortController()
  const raised = raisedIn(log, stop.signal)
  const { events, wallMs, cpuMs } = await loaded()
  await setTimeout(faults.windowMs + latencyMsMax)
  stop.abort()
  const latencies = await raised
  const sentPerSecond = (1000 * events!) / wallMs!
  if (sentPerSecond < keptShareMin * rate)
    throw new Error(
      `${Math.round(sentPerSecond)} events a second were sent, not ${Math.round(rate)}`,
    )
  if (latencies.length < alertsMin)
    throw new Error(`${latencies.length} alerts were raised, at least ${alertsMin} were expected`)
  const at = (share: number): number => latencies[Math.ceil(share * latencies.length) - 1]!
  return {
    ...{ alerts: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) },
    ...{ sentPerSecond, loaderCpuMs: cpuMs! },
  }
}

/** Waits until the system has counted all that was sent. */
const untilCounted = async (log: Log, sent: number): Promise<void> => {
  while ((await countedBy(log, partitions)) < sent) await setTimeout(lookMs)
}

type System = {
  /** Events per second that a loader at full speed and the system put through together. */
  readonly peak: number
  /** Of a backlog, alone. */
  readonly alone: number
  /** Half of it; less for a first look. Events per second. */
  readonly rate: number
  readonly run: (repetition: number) => Promise<Run>
  readonly close: () => Promise<void>
}

/** A system that has worked off its backlog, behind an address where all is provisioned. */
const openSystem = async (
  address: Address,
  folder: string,
  { seed, scale, note }: Setting,
): Promise<System> => {
  const backlog = await load({ address, rate: 0, seconds: backlogSeconds, seed })
  const system = startStandalone({ address, folder }, ['--no-traffic'])
  const { log } = await connect(address, null)
  let sent = backlog.events!
  const alone = await workedOffAlone(log, sent)
  const flatOut = await load({ address, rate: 0, seconds: peakSeconds, seed: seed + 1_000_000 })
  const loadedMs = performance.now()
  sent += flatOut.events!
  await untilCounted(log, sent)
  const peak = (1000 * flatOut.events!) / (flatOut.wallMs! + performance.now() - loadedMs)
  note(
    `${address.kind}: ${short(peak)} events per second sent and worked off together, ${short(alone)} off a backlog`,
  )
  await setTimeout(settleMs)
  const rate = (peak / 2) * Math.min(1, scale)
  return {
    ...{ peak, alone, rate },
    run: async (repetition) => {
      const figures = await watched(log, rate, async () => {
        const took = await load({ address, rate, seconds: runSeconds, seed: seed + 1 + repetition })
        sent += took.events!
        return took
      })
      const counted = await countedBy(log, partitions)
      if (counted !== sent) throw new Error(`${sent} events were sent, ${counted} aggregated`)
      return figures
    },
    close: async () => {
      await log.close()
      await system.stop()
    },
  }
}

const kinds = ['embedded', 'kafka'] as const

export const alertLatency: Row = {
  name: 'alert-latency',
  title: 'Alert latency at half of peak load',
  promises: kinds.flatMap((side): readonly Promised[] => [
    {
      ...{ what: 'ms from the end of the window to an alert, p99', side, figure: 'p99Ms' },
      goal: { atMost: latencyMsMax },
    },
    { what: 'ms, p50', side, figure: 'p50Ms' },
    { what: 'ms, the latest', side, figure: 'mostMs' },
    { what: 'alerts', side, figure: 'alerts' },
    { what: 'events per second', side, figure: 'sentPerSecond' },
  ]),
  open: async (setting) => {
    const { brokers, stop } = await startBroker('benches')
    const prefix = `bench-${Date.now().toString(36)}.`
    const folders = kinds.map((kind) => join(setting.folder, kind))
    for (const folder of folders) mkdirSync(folder)
    const [embedded, kafka] = folders as [string, string]
    const systems: System[] = []
    const close = async (): Promise<void> => {
      for (const system of systems) await system.close()
      await deleteTopics(brokers, prefix)
      stop()
    }
    try {
      await provisioned(embedded, layoutOf(''))
      const log = await openKafkaLog({ brokers, prefix })
      await provision(log, layoutOf(prefix)).finally(() => log.close())
      systems.push(await openSystem({ kind: 'embedded', folder: embedded }, embedded, setting))
      systems.push(await openSystem({ kind: 'kafka', brokers, prefix }, kafka, setting))
    } catch (error) {
      await close()
      throw error
    }
    const driven = systems.map(
      ({ peak, alone, rate }, at) =>
        `${kinds[at]} ${short(rate)} of ${short(peak)} (${short(alone)} off a backlog, alone)`,
    )
    return {
      conditions: `${faults.services} services, single events a second: ${driven.join(', ')}, which is what tidemark start (aggregator, evaluator, reporter, sink) and a loader at full speed, in a process of its own, put through together, the broker on the same cores; ${faults.failingWindows} of ${faults.cycleWindows} windows of ${faults.windowMs} ms fail; goal: grace ${graceMs} + tick ${tickMs} + two commits of ${commitMs} + ${spareMs} ms`,
      sides: systems.map(({ run }, at) => ({ name: kinds[at]!, run })),
      warmUps: 0,
      close,
    }
  },
}
