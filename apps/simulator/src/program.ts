import { createWriteStream, type WriteStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { addressOf, connect, isMisuse, type Address } from '@tidemark/assembly'
import { defaultLayout, type Layout } from '@tidemark/model'
import { stopSignal } from '@tidemark/runtime'
import { truthLine } from './lines.ts'
import { liveServices, runLiveTraffic, type LiveEvent } from './live.ts'

const usage = `Usage: simulator [--data FOLDER | --brokers HOST:PORT,... [--prefix P]] [--seed N] [--rate X] [--truth FILE]

Puts simulated live traffic on the log until SIGTERM or SIGINT; then what is under way is finished, and it exits with 0.

  --data FOLDER     the log in this folder (default .tidemark)
  --brokers LIST    Kafka instead of a folder
  --prefix P        prefix of the topics on Kafka
  --seed N          an integer from 0 on (default: drawn from the time)
  --rate X          multiplies the requests of every service (default 1)
  --truth FILE      append what is wrong with whom from when to when, as NDJSON
  --help            this text
`

/** The whole program: arguments, signals, exit code. */
export const main = async (process: NodeJS.Process): Promise<void> => {
  const given = argumentsOf(process.argv.slice(2))
  if (typeof given === 'string') {
    process.stderr.write(`simulator: ${given}\n\n${usage}`)
    process.exitCode = 2
    return
  }
  if (given.help) {
    process.stdout.write(usage)
    return
  }
  const signal = stopSignal(process)
  const truth = given.truth === null ? null : createWriteStream(given.truth, { flags: 'a' })
  try {
    const connection = await connect(given.address, liveLayout)
    try {
      const observe = tellOn(process.stderr, truth)
      await runLiveTraffic({ ...connection, ...given.traffic, observe }, signal)
    } finally {
      await connection.log.close()
    }
  } catch (error) {
    process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = isMisuse(error) ? 2 : 1
  } finally {
    truth?.end()
  }
}

/** For a new folder: the services are registered, so that their silence is an absence. */
const liveLayout: Layout = {
  ...defaultLayout,
  configuration: { ...defaultLayout.configuration, services: liveServices },
}

/** What goes wrong to stderr, what is made to go wrong to the truth track. */
const tellOn =
  (stderr: NodeJS.WriteStream, truth: WriteStream | null) =>
  (event: LiveEvent): void => {
    if (event.kind === 'fault') truth?.write(truthLine(event.truth))
    if (event.kind === 'moved')
      stderr.write(`simulator: traffic goes on ${event.byUs / 1_000_000} s later\n`)
    if (event.kind === 'retried') stderr.write(`simulator: tries again: ${event.error.message}\n`)
  }

type Arguments = {
  readonly help: boolean
  readonly address: Address
  readonly traffic: { readonly seed?: number; readonly rate?: number }
  readonly truth: string | null
}

const argumentsOf = (args: readonly string[]): Arguments | string => {
  try {
    const { values } = parseArgs({ args: [...args], options })
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
    return { help, address, traffic, truth }
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
  help: { type: 'boolean' },
} as const
