import {
  derivedReader,
  operate,
  runApp,
  type App,
  type LogEvent,
  type OperationSettings,
} from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import { partitionOfService, readLayout } from '@tidemark/codec'
import { evaluatorFold } from '@tidemark/evaluation'
import type { EngineEvent } from '@tidemark/engine'
import type { Log, Milestone, Reached } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { openKafkaLog } from '@tidemark/log-kafka'
import { stopSignal, type ExitCode } from '@tidemark/runtime'
import type { ProcessorName } from './progress.ts'
import { endWithParent, say } from './telling.ts'

// One processor as a program that can be told to die at a milestone of its work. Nothing else differs from the real one, but that its timeouts
// are short and the evaluator writes snapshots often, so that there is something to die in.

export type WorkerSpec = {
  readonly processor: ProcessorName
  readonly log: LogSpec
  /** The file of the snapshot store. */
  readonly store: string
  readonly commitIntervalMs: number
  /** SIGKILL at the n-th time of this milestone. */
  readonly crash: { readonly at: Milestone; readonly times: number } | null
}

export type LogSpec =
  | {
      readonly kind: 'kafka'
      readonly brokers: readonly string[]
      readonly prefix: string
      readonly sessionTimeoutMs: number
    }
  | { readonly kind: 'embedded'; readonly folder: string }

/** What a worker says on standard output, a line each. */
export type WorkerSaid =
  | { readonly kind: 'committed'; readonly task: number }
  /** Where it answers HTTP. */
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'trouble'; readonly what: string }

const tell = (said: WorkerSaid): void => say(said)

const snapshotEveryWindows = 2
const watchdogMs = 60_000

const main = async (spec: WorkerSpec): Promise<ExitCode> => {
  endWithParent()
  const signal = stopSignal(process)
  const reached = spec.crash === null ? null : dieAt(spec.crash)
  const settings: OperationSettings = {
    ...{ logLevel: 'info', logFormat: 'json', watchdogMs },
    http: { host: '127.0.0.1', port: 0 },
  }
  return operate(
    spec.processor,
    settings,
    { process, signal, write: passOn },
    async (operating) => {
      const log = await openLogOf(spec, operating.observeLog, reached)
      operating.begin(log, 1)
      try {
        const record = await log.layoutRecord()
        if (record === null) throw new Error('nothing is provisioned')
        const context = { log, layout: readLayout(record), store: spec.store }
        const observe = (event: EngineEvent): void => {
          operating.observe(event)
          if (event.kind === 'committed') tell({ kind: 'committed', task: event.task })
        }
        const { commitIntervalMs } = spec
        const options = { commitIntervalMs, observe, ...(reached && { reached }) }
        await runApp(appOf(spec.processor), context, options, signal)
      } finally {
        await log.close()
      }
    },
  )
}

/** Of what is logged, what the supervisor wants to know. */
const passOn = (line: string): void => {
  const { level, event, message, url, error } = JSON.parse(line) as Logged
  if (event === 'http.listening') tell({ kind: 'listening', url: url! })
  const reason = error === undefined ? '' : `: ${error.message}`
  if (level === 'warn' || level === 'error')
    tell({ kind: 'trouble', what: `${event} ${message}${reason}` })
}

type Logged = {
  readonly level: string
  readonly event: string
  readonly message: string
  readonly url?: string
  readonly error?: { readonly message: string }
}

const dieAt = ({ at, times }: NonNullable<WorkerSpec['crash']>): Reached => {
  let count = 0
  return (milestone) => {
    if (milestone === at && ++count === times) process.kill(process.pid, 'SIGKILL')
  }
}

const openLogOf = async (
  { processor, log }: WorkerSpec,
  observe: (event: LogEvent) => void,
  reached: Reached | null,
): Promise<Log> => {
  const hook = reached === null ? {} : { reached }
  if (log.kind === 'embedded') return openEmbeddedLog({ folder: log.folder, observe, ...hook })
  const { brokers, prefix, sessionTimeoutMs } = log
  return openKafkaLog({
    ...{ brokers, prefix, sessionTimeoutMs, observe, clientId: `worker-${processor}` },
    rebalanceTimeoutMs: 3 * sessionTimeoutMs,
    ...hook,
  })
}

const appOf = (name: ProcessorName): App =>
  name === 'evaluator' ? evaluatorOften : apps.find((app) => app.name === name)!

const evaluatorOften: App = {
  name: 'evaluator',
  open: async (context) => {
    const { processor, close } = await apps.find(({ name }) => name === 'evaluator')!.open(context)
    const { layout } = context
    const open = (task: number, checkpoint: Parameters<typeof evaluatorFold>[1]) =>
      evaluatorFold(
        {
          ...{ layout, snapshotEveryWindows, partition: task, reader: derivedReader() },
          partitionOf: (service) => partitionOfService(service, layout.partitions).partition,
        },
        checkpoint,
      )
    return { processor: { ...processor, open }, close }
  },
}

void main(JSON.parse(process.argv[2]!) as WorkerSpec).then((code) => {
  process.exitCode = code
})
