import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Page } from './http-server.ts'

/**
 * What a process counts and measures. Labels come from closed sets: processors, topics, partitions, outcomes, reasons; never from what
 * producers name.
 */
export type Metrics = ReturnType<typeof openMetrics>

const commitSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const restoreSeconds = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300]

/** Of prom-client's own metrics: gauges that are called totals. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

export const openMetrics = () => {
  const registry = new Registry()
  const registers = [registry]
  // Its default, every 10 ms, would wake a quiet process more often than all of its work does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  for (const name of misnamed) registry.removeSingleMetric(name)
  const source = ['processor', 'topic', 'partition'] as const
  return {
    records: new Counter({
      name: 'tidemark_records_total',
      help: 'Records read, by how far positions moved; what a recovery reads again is in it.',
      labelNames: source,
      registers,
    }),
    events: new Counter({
      name: 'tidemark_events_total',
      help: 'Events of an input partition since its beginning, by where they ended.',
      labelNames: ['topic', 'partition', 'outcome', 'reason'] as const,
      registers,
    }),
    openEvents: new Gauge({
      name: 'tidemark_open_events',
      help: 'Aggregated events in windows that are still open.',
      labelNames: ['topic', 'partition'] as const,
      registers,
    }),
    lostRecords: new Counter({
      name: 'tidemark_lost_records_total',
      help: 'Records of an input partition that the log removed before they were read, and that were accepted as lost.',
      labelNames: ['topic', 'partition'] as const,
      registers,
    }),
    outputs: new Counter({
      name: 'tidemark_outputs_total',
      help: 'Derived events written to the log.',
      labelNames: ['processor'] as const,
      registers,
    }),
    commits: new Counter({
      name: 'tidemark_commits_total',
      help: 'Commits that succeeded.',
      labelNames: ['processor'] as const,
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'tidemark_commit_duration_seconds',
      help: 'Time that a commit takes.',
      labelNames: ['processor'] as const,
      buckets: commitSeconds,
      registers,
    }),
    restoreSeconds: new Histogram({
      name: 'tidemark_restore_duration_seconds',
      help: 'Time from the acquisition of a task until nothing is read again any more.',
      labelNames: ['processor'] as const,
      buckets: restoreSeconds,
      registers,
    }),
    tasks: new Gauge({
      name: 'tidemark_tasks',
      help: 'Tasks that this process owns, by what they do.',
      labelNames: ['processor', 'state'] as const,
      registers,
    }),
    retries: new Counter({
      name: 'tidemark_task_retries_total',
      help: 'Tasks that failed and were to be acquired again.',
      labelNames: ['processor'] as const,
      registers,
    }),
    fenced: new Counter({
      name: 'tidemark_fenced_total',
      help: 'Tasks that ended because somebody else owned them.',
      labelNames: ['processor'] as const,
      registers,
    }),
    lagRecords: new Gauge({
      name: 'tidemark_lag_records',
      help: 'Records of a source that are not worked off.',
      labelNames: source,
      registers,
    }),
    lagSeconds: new Gauge({
      name: 'tidemark_lag_stream_seconds',
      help: 'Stream time from the first record of a source that is not worked off to the last one.',
      labelNames: source,
      registers,
    }),
    stalledSeconds: new Gauge({
      name: 'tidemark_stalled_seconds',
      help: 'How long the task that waits longest has had something to do and finished nothing.',
      registers,
    }),
    page: async (): Promise<Page> => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  }
}
