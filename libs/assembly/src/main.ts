import { parseArgs } from 'node:util'
import { defaultLayout } from '@tidemark/model'
import { stopSignal, type SignalSource } from '@tidemark/runtime'
import { dataFolderDefault, storeFileOf, type Address } from './address.ts'
import { runApp, type App } from './app.ts'
import { connect } from './connection.ts'

const usage = (
  name: string,
): string => `Usage: ${name} [--data FOLDER | --brokers HOST:PORT,... [--prefix P]] [--store FILE|postgres://...]

Runs the ${name} until SIGTERM or SIGINT; then it commits what it has and exits with 0. A second signal ends it at once.

  --data FOLDER     the log in this folder (default ${dataFolderDefault})
  --brokers LIST    Kafka instead of a folder
  --prefix P        prefix of the topics on Kafka
  --store WHERE     the snapshots: a file, or postgres://USER@HOST:PORT/DATABASE (default: store.sqlite in the data folder)
  --help            this text
`

/** The part of `process` that a program needs. */
export type ProgramProcess = SignalSource & {
  readonly argv: readonly string[]
  readonly stdout: { readonly write: (text: string) => unknown }
  readonly stderr: { readonly write: (text: string) => unknown }
  exitCode?: NodeJS.Process['exitCode']
}

/** The whole program of an app: arguments, signals, exit code. */
export const main = async (app: App, process: ProgramProcess): Promise<void> => {
  const arguments_ = argumentsOf(process.argv.slice(2))
  if (typeof arguments_ === 'string') {
    process.stderr.write(`${app.name}: ${arguments_}\n\n${usage(app.name)}`)
    process.exitCode = 2
    return
  }
  if (arguments_.help) {
    process.stdout.write(usage(app.name))
    return
  }
  const { address, store } = arguments_
  const signal = stopSignal(process)
  const complain = (line: string): void => {
    process.stderr.write(`${app.name}: ${line}\n`)
  }
  try {
    const { log, layout } = await connect(address, defaultLayout, complain)
    try {
      await runApp(app, { log, layout, store }, {}, signal)
    } finally {
      await log.close()
    }
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    process.exitCode = isMisuse(error) ? 2 : 1
  }
}

type Arguments = { readonly help: boolean; readonly address: Address; readonly store: string }

const argumentsOf = (args: readonly string[]): Arguments | string => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        brokers: { type: 'string' },
        prefix: { type: 'string' },
        store: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
    const address = addressOf(values)
    if (typeof address === 'string') return address
    return { help: values.help ?? false, address, store: values.store ?? storeFileOf(address) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The address that options name, or what is wrong with them. */
export const addressOf = (options: {
  readonly data?: string | undefined
  readonly brokers?: string | undefined
  readonly prefix?: string | undefined
}): Address | string => {
  const { data, brokers, prefix } = options
  if (brokers === undefined)
    return prefix === undefined
      ? { kind: 'embedded', folder: data ?? dataFolderDefault }
      : '--prefix goes with --brokers; a data folder holds one set of topics'
  if (data !== undefined) return '--data and --brokers exclude each other'
  const list = brokers.split(',').map((broker) => broker.trim())
  const wrong = list.find((broker) => !/^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i.test(broker))
  if (wrong !== undefined) return `--brokers: ${JSON.stringify(wrong)} is not HOST:PORT`
  return { kind: 'kafka', brokers: list, prefix: prefix ?? '' }
}

/** Errors that say the call was wrong rather than the run: exit code 2. */
export const isMisuse = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['not_provisioned', 'layout_mismatch', 'layout', 'usage'].includes(String(error.code))
