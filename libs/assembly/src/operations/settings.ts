import {
  exitCodes,
  logFormats,
  logLevels,
  parseDurationMs,
  parseHttpAddress,
  type HttpAddress,
  type LogFormat,
  type LogLevel,
} from '@tidemark/runtime'

export const watchdogDefault = '60s'
const watchdogMsLeast = 1000

/** How a process shows itself to those who operate it. */
export type OperationSettings = {
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  /** Null: no HTTP. */
  readonly http: HttpAddress | null
  /** How long a task may have something to do and finish nothing, and the event loop be blocked, before the process ends. */
  readonly watchdogMs: number
}

/** As they are given on a command line. */
export type OperationArguments = {
  readonly logLevel?: string | undefined
  readonly log?: string | undefined
  readonly http?: string | undefined
  readonly watchdog?: string | undefined
}

/** For Node's own parser of arguments. */
export const operationOptions = {
  http: { type: 'string' },
  log: { type: 'string' },
  'log-level': { type: 'string' },
  watchdog: { type: 'string' },
} as const

export const operationUsage = `  --http [HOST:]PORT  answer /health, /ready and /metrics there (host 127.0.0.1; port 0: any that is free)
  --log FORMAT      json or text, on stderr (default: text on a terminal, json elsewhere)
  --log-level LEVEL ${logLevels.join(', ')} (default info)
  --watchdog TIME   end with ${exitCodes.stalled} when there is something to do and nothing was finished for this long (default ${watchdogDefault})`

/** The settings that arguments name, or what is wrong with them. */
export const operationSettings = (
  given: OperationArguments,
  defaults: Pick<OperationSettings, 'logLevel' | 'logFormat'>,
): OperationSettings | string => {
  const { logLevel = defaults.logLevel, log = defaults.logFormat } = given
  if (!isOneOf(logLevels, logLevel))
    return `--log-level: ${JSON.stringify(logLevel)} is none of ${logLevels.join(', ')}`
  if (!isOneOf(logFormats, log))
    return `--log: ${JSON.stringify(log)} is none of ${logFormats.join(', ')}`
  try {
    const http = given.http === undefined ? null : named('--http', parseHttpAddress, given.http)
    const watchdogMs = named('--watchdog', parseDurationMs, given.watchdog ?? watchdogDefault)
    if (watchdogMs < watchdogMsLeast)
      return `--watchdog: ${JSON.stringify(given.watchdog)} is less than 1s`
    return { logLevel, logFormat: log, http, watchdogMs }
  } catch (error) {
    return (error as RangeError).message
  }
}

const isOneOf = <T extends string>(list: readonly T[], value: string): value is T =>
  (list as readonly string[]).includes(value)

const named = <T>(option: string, parse: (text: string) => T, text: string): T => {
  try {
    return parse(text)
  } catch (error) {
    throw new RangeError(`${option}: ${(error as RangeError).message}`, { cause: error })
  }
}
