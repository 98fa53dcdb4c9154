import { createWriteStream } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  addressOf,
  connect,
  operate,
  operationOptions,
  operationSettings,
  operationUsage,
  type Address,
  type OperationSettings,
} from '@tidemark/assembly'
import { defaultLayout, type Layout } from '@tidemark/model'
import { exitCodeOf, exitCodes, stopSignal, type ExitCode } from '@tidemark/runtime'
import { truthLine } from './lines.ts'
import { liveServices, runLiveTraffic, type LiveEvent } from './live.ts'
import { logTraffic } from './traffic-log.ts'

const usage = `Usage: simulator [--data FOLDER | --brokers HOST:PORT,... [--prefix P]] [--seed N] [--rate X] [--truth FILE] [--http [HOST:]PORT]

Puts simulated live traffic on the log until SIGTERM or SIGINT; then what is under way is finished, and it exits with 0.

  --data FOLDER     the log in this folder (default .tidemark)
  --brokers LIST    Kafka instead of a folder
  --prefix P        prefix of the topics on Kafka
  --seed N          an integer from 0 on (default: drawn from the time)
  --rate X          multiplies the requests of every service (default 1)
  --truth FILE      append what is wrong with whom from when to when, as NDJSON
${operationUsage}
  --help            this text
`

/** The whole program: arguments, signals, exit code. */
export const main = async (process: NodeJS.Process): Promise<void> => {
  const given = argumentsOf(process)
  if (typeof given === 'string') {
    process.stderr.write(`simulator: ${given}\n\n${usage}`)
    process.exitCode = exitCodes.misuse
    return
  }
  if (given.help) {
    process.stdout.write(usage)
    return
  }
  process.exitCode = await run(process, given)
}

const run = async (process: NodeJS.Process, given: Arguments): Promise<ExitCode> => {
  const signal = stopSignal(process)
  process.stderr.on('error', () => undefined)
  const write = (line: string): void => void process.stderr.write(line)
  const truth = given.truth === null ? null : createWriteStream(given.truth, { flags: 'a' })
  const { address, traffic, operation } = given
  try {
    return await operate('simulator', operation, { process, signal, write }, async (operating) => {
      const connection = await connect(address, liveLayout, operating.observeLog)
      operating.begin(connection.log, 0)
      const observe = (event: LiveEvent): void => {
        if (event.kind === 'fault') truth?.write(truthLine(event.truth))
        logTraffic(operating.logger, event)
      }
      try {
        await runLiveTraffic({ ...connection, ...traffic, observe }, signal)
      } finally {
        await connection.log.close()
      }
    })
  } catch (error) {
    write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`)
    return exitCodeOf(error)
  } finally {
    truth?.end()
  }
}

/** For a new folder: the services are registered, so that their silence is an absence. */
const liveLayout: Layout = {
  ...defaultLayout,
  configuration: { ...defaultLayout.configuration, services: liveServices },
}

type Arguments = {
  readonly help: boolean
  readonly address: Address
  readonly traffic: { readonly seed?: number; readonly rate?: number }
  readonly truth: string | null
  readonly operation: OperationSettings
}

const argumentsOf = ({ argv, stderr }: NodeJS.Process): Arguments | string => {
  try {
    const { values } = parseArgs({ args: argv.slice(2), options })
    const { help = false, seed, rate, truth = null } = values
    const address = addressOf(values)
    if (typeof address === 'string') return address
    if (seed !== undefined && !/^\d{1,15}$/.test(seed))
      return `--seed: ${JSON.stringify(seed)} is not an integer of up to 15 digits`
    if (rate !== undefined && !(Number(rate) > 0 && Number(rate) <= 10_000))
      return `--rate: ${JSON.stringify(rate)} is not a number above 0 and up to 10000`
    const traffic = {
      ...(seed !== undefined && { seed: Number(seed) }),
      ...(rate !== undefined && { rate: Number(rate) }),
    }
    const operation = operationSettings(
      { ...values, logLevel: values['log-level'] },
      { logLevel: 'info', logFormat: stderr.isTTY ? 'text' : 'json' },
    )
    if (typeof operation === 'string') return operation
    return { help, address, traffic, truth, operation }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const options = {
  data: { type: 'string' },
  brokers: { type: 'string' },
  prefix: { type: 'string' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  truth: { type: 'string' },
  ...operationOptions,
  help: { type: 'boolean' },
} as const
