import { setTimeout } from 'node:timers/promises'
import { connect } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import {
  defaultConfiguration,
  defaultLayout,
  defaultRuleFields,
  type Layout,
} from '@tidemark/model'
import type { Faults } from '../faults.ts'
import { follow } from '../following.ts'
import { ownProcess } from '../harness/own-process.ts'
import type { Row, Run } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { checkCounted, countedIn, provisioned } from '../provisioned.ts'
import { startStandalone } from '../standalone.ts'

// How long after the end of a window an alert about it can be read, at half of the load at which everything in one process keeps up. Services
// fail in turn, so that every window raises some.

const faults: Faults = { services: 96, windowMs: 2000, cycleWindows: 12, failingWindows: 2 }
const graceMs = 1000
const commitMs = 200
const spareMs = 250
const peakSeconds = 10
const runSeconds = 26
const alertsMin = 40
const tickMs = defaultLayout.tickIntervalMs
const latencyMsMax = graceMs + tickMs + 2 * commitMs + spareMs

const layout: Layout = {
  ...defaultLayout,
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
}

const loaded = (folder: string, rate: number, seconds: number, seed: number): Promise<Run> =>
  ownProcess({
    script: '../processes/loading.ts',
    args: [folder, String(rate), String(seconds), String(seed), JSON.stringify(faults)],
  })

/** Events per second from the first one sent to the last one aggregated, when they are sent as fast as the log takes them. */
const peakOf = async (folder: string, seed: number): Promise<number> => {
  const startMs = performance.now()
  const { events } = await loaded(folder, 0, peakSeconds, seed)
  while ((await countedIn(folder)) < events!) await setTimeout(100)
  return (1000 * events!) / (performance.now() - startMs)
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

const watched = async (log: Log, load: () => Promise<Run>): Promise<Run> => {
  const stop = new AbortController()
  const raised = raisedIn(log, stop.signal)
  const { events, wallMs } = await load()
  await setTimeout(latencyMsMax)
  stop.abort()
  const latencies = await raised
  if (latencies.length < alertsMin)
    throw new Error(`${latencies.length} alerts were raised, at least ${alertsMin} were expected`)
  const at = (share: number): number => latencies[Math.ceil(share * latencies.length) - 1]!
  return {
    ...{ alerts: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) },
    sentPerSecond: (1000 * events!) / wallMs!,
  }
}

export const alertLatency: Row = {
  name: 'alert-latency',
  title: 'Alert latency at half of peak load',
  promises: [
    {
      ...{ what: 'ms from the end of the window to an alert, p99', side: 'embedded' },
      ...{ figure: 'p99Ms', goal: { atMost: latencyMsMax } },
    },
    { what: 'ms, p50', side: 'embedded', figure: 'p50Ms' },
    { what: 'ms, the latest', side: 'embedded', figure: 'mostMs' },
    { what: 'alerts', side: 'embedded', figure: 'alerts' },
    { what: 'events per second', side: 'embedded', figure: 'sentPerSecond' },
  ],
  open: async ({ folder, scale, seed, note }) => {
    await provisioned(folder, layout)
    const system = startStandalone(folder, ['--no-traffic'])
    const peak = await peakOf(folder, seed)
    note(`everything in one process keeps up with ${Math.round(peak)} events per second`)
    const { log } = await connect({ kind: 'embedded', folder }, null)
    let sent = await countedIn(folder)
    const run = async (repetition: number): Promise<Run> => {
      const figures = await watched(log, async () => {
        const took = await loaded(folder, peak / 2, runSeconds * scale, seed + 2 + repetition)
        sent += took.events!
        return took
      })
      await checkCounted(folder, sent)
      return figures
    }
    return {
      conditions: `${faults.services} services, half of the ${short(peak)} single events per second that tidemark start keeps up with (aggregator, evaluator, reporter, sink, their client on the same cores); ${faults.failingWindows} of ${faults.cycleWindows} windows of ${faults.windowMs} ms fail; goal: grace ${graceMs} + tick ${tickMs} + two commits of ${commitMs} + ${spareMs} ms`,
      sides: [{ name: 'embedded', run }],
      warmUps: 0,
      close: async () => {
        await log.close()
        await system.stop()
      },
    }
  },
}
