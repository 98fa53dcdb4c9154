import { parseArgs } from 'node:util'
import { defaultLayout } from '@tidemark/model'
import {
  exitCodeOf,
  exitCodes,
  stopSignal,
  type ExitCode,
  type SignalSource,
} from '@tidemark/runtime'
import { dataFolderDefault, deliveries, storeFileOf, type Address } from './address.ts'
import { runApp, type App } from './app.ts'
import { connect } from './connection.ts'
import { operate, type OperatedProcess } from './operations/operate.ts'
import {
  operationOptions,
  operationSettings,
  operationUsage,
  type OperationSettings,
} from './operations/settings.ts'

const usage = (
  name: string,
): string => `Usage: ${name} [--data FOLDER | --brokers HOST:PORT,... [--prefix P] [--delivery HOW]] [--store FILE|postgres://...] [--http [HOST:]PORT]

Runs the ${name} until SIGTERM or SIGINT; then it commits what it has and exits with 0. A second signal ends it at once.

  --data FOLDER     the log in this folder (default ${dataFolderDefault})
  --brokers LIST    Kafka instead of a folder
  --prefix P        prefix of the topics on Kafka
  --delivery HOW    on Kafka: ${deliveries.join(' (default) or ')}
  --store WHERE     the snapshots: a file, or postgres://USER@HOST:PORT/DATABASE (default: store.sqlite in the data folder)
${operationUsage}
  --help            this text
`

/** The part of `process` that a program needs. */
export type ProgramProcess = SignalSource &
  OperatedProcess & {
    readonly argv: readonly string[]
    readonly stdout: { readonly write: (text: string) => unknown }
    readonly stderr: {
      readonly write: (text: string) => unknown
      readonly on: (event: 'error', listener: () => void) => unknown
      readonly isTTY?: boolean
    }
    exitCode?: NodeJS.Process['exitCode']
  }

/** The whole program of an app: arguments, signals, exit code. */
export const main = async (app: App, process: ProgramProcess): Promise<void> => {
  const arguments_ = argumentsOf(process)
  if (typeof arguments_ === 'string') {
    process.stderr.write(`${app.name}: ${arguments_}\n\n${usage(app.name)}`)
    process.exitCode = exitCodes.misuse
    return
  }
  if (arguments_.help) {
    process.stdout.write(usage(app.name))
    return
  }
  process.exitCode = await run(app, process, arguments_)
}

const run = async (
  app: App,
  process: ProgramProcess,
  { address, store, operation }: Arguments,
): Promise<ExitCode> => {
  const signal = stopSignal(process)
  // A process whose log nobody reads any more still does its work.
  process.stderr.on('error', () => undefined)
  const write = (line: string): void => void process.stderr.write(line)
  try {
    return await operate(app.name, operation, { process, signal, write }, async (operating) => {
      const { observe, observeLog } = operating
      const { log, layout } = await connect(address, defaultLayout, observeLog)
      operating.begin(log, 1)
      try {
        await runApp(app, { log, layout, store }, { observe }, signal)
      } finally {
        await log.close()
      }
    })
  } catch (error) {
    write(`${app.name}: ${error instanceof Error ? error.message : String(error)}\n`)
    return exitCodeOf(error)
  }
}

type Arguments = {
  readonly help: boolean
  readonly address: Address
  readonly store: string
  readonly operation: OperationSettings
}

const argumentsOf = ({ argv, stderr }: ProgramProcess): Arguments | string => {
  try {
    const { values } = parseArgs({
      args: argv.slice(2),
      options: {
        data: { type: 'string' },
        brokers: { type: 'string' },
        prefix: { type: 'string' },
        delivery: { type: 'string' },
        store: { type: 'string' },
        ...operationOptions,
        help: { type: 'boolean' },
      },
    })
    const address = addressOf(values)
    if (typeof address === 'string') return address
    const operation = operationSettings(
      { ...values, logLevel: values['log-level'] },
      { logLevel: 'info', logFormat: stderr.isTTY === true ? 'text' : 'json' },
    )
    if (typeof operation === 'string') return operation
    const { help = false, store = storeFileOf(address) } = values
    return { help, address, store, operation }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The address that options name, or what is wrong with them. */
export const addressOf = (options: AddressOptions): Address | string => {
  const { data, brokers, prefix = '', delivery } = options
  const known = deliveries.find((name) => name === delivery)
  if (delivery !== undefined && known === undefined)
    return `--delivery: ${JSON.stringify(delivery)} is neither ${deliveries.join(' nor ')}`
  if (brokers === undefined) return folderOf(options)
  if (data !== undefined) return '--data and --brokers exclude each other'
  const list = brokers.split(',').map((broker) => broker.trim())
  const wrong = list.find((broker) => !/^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(broker))
  if (wrong !== undefined) return `--brokers: ${JSON.stringify(wrong)} is not HOST:PORT`
  const where = { kind: 'kafka', brokers: list, prefix } as const
  return known === undefined ? where : { ...where, delivery: known }
}

export type AddressOptions = {
  readonly data?: string | undefined
  readonly brokers?: string | undefined
  readonly prefix?: string | undefined
  readonly delivery?: string | undefined
}

const folderOf = ({ data, prefix, delivery }: AddressOptions): Address | string => {
  if (prefix !== undefined)
    return '--prefix goes with --brokers; a data folder holds one set of topics'
  if (delivery === 'at-least-once')
    return '--delivery at-least-once goes with --brokers; in a data folder everything is exactly once'
  return { kind: 'embedded', folder: data ?? dataFolderDefault }
}
